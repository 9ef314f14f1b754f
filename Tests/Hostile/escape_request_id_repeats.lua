-- expect: ok held
-- Each request has an id of its own.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local version = env.KV:put("id/" .. ctx.request_id, "seen", { if_absent = true, ttl = 60 })
    return version and request.id == ctx.request_id and "held" or "repeated"
  end,
}
