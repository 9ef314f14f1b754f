-- expect: exception
-- The error's __tostring never returns: the host does not ask it.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    error(setmetatable({}, { __tostring = function() while true do end end }))
  end,
}
