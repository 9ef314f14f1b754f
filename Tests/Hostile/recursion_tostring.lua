-- expect: exception
-- __tostring of itself.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return tostring(setmetatable({}, { __tostring = function(t) return tostring(t) end }))
  end,
}
