-- expect: exception
-- The error's fields never come: the host reads it raw.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    error(setmetatable({}, { __index = function() while true do end end, __name = ("x"):rep(100000) }))
  end,
}
