-- expect: exception
-- The stream of a response is a table that can be called.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return { stream = setmetatable({}, { __call = function() while true do end end }) }
  end,
}
