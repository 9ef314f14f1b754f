-- expect: exception|exceeded_memory|exceeded_cpu
-- A function that calls itself inside an expression.
return {
  limits = { cpu_ms = 500, memory_mb = 128 },
  fetch = function(request, env, ctx)
    local function f() return 1 + f() end
    return f()
  end,
}
