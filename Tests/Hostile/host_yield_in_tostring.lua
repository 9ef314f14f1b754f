-- expect: exception
-- A host call in a __tostring that C asks.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return tostring(setmetatable({}, { __tostring = function() return env.KV:get("x") or "x" end }))
  end,
}
