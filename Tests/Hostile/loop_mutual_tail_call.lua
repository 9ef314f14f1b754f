-- expect: exceeded_cpu
-- Two functions that call each other in tail position.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local ping, pong
    function ping() return pong() end
    function pong() return ping() end
    return ping()
  end,
}
