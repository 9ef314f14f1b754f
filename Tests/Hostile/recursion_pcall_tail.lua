-- expect: exception|exceeded_memory|exceeded_cpu|ok
-- pcall of itself in tail position.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function f() return pcall(f) end
    return f() and "came back" or "failed"
  end,
}
