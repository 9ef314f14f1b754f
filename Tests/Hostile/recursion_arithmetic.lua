-- expect: exception|exceeded_memory
-- __add of itself.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local mt = {}
    mt.__add = function(a, b) return a + b end
    return setmetatable({}, mt) + 1
  end,
}
