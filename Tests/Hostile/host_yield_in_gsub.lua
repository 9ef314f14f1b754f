-- expect: exception
-- A host call in a callback of gsub.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return (("abc"):gsub(".", function(c) return env.KV:get(c) end))
  end,
}
