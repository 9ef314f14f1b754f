-- expect: ok held
-- Globals that the host's own Lua might use are replaced by the script.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    ipairs = function() error("replaced") end
    pairs = function() error("replaced") end
    tostring = function() error("replaced") end
    pcall = function() error("replaced") end
    coroutine.yield = function() error("replaced") end
    rawset = function() error("replaced") end
    local _ = request.query, request.headers, request.cookies
    local version = env.KV:put("escape_prelude_globals", "value", { ttl = 60 })
    return version and "held" or "failed"
  end,
}
