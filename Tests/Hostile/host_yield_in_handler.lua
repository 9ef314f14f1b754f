-- expect: exception
-- A host call in a message handler.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local _, message = xpcall(error, function() return env.KV:get("x") end)
    error(message)
  end,
}
