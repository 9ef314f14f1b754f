-- expect: exception|exceeded_memory|exceeded_cpu|ok
-- pcall of itself.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function f() pcall(f) end
    f()
    return "came back"
  end,
}
