-- expect: exception|exceeded_memory|exceeded_cpu
-- A table that is its own __call.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = setmetatable({}, {})
    getmetatable(t).__call = t
    return t()
  end,
}
