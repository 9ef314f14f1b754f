-- expect: exception|exceeded_memory
-- __len of itself.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = setmetatable({}, { __len = function(t) return #t end })
    return #t
  end,
}
