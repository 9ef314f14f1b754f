-- expect: ok logged
-- Log lines of megabytes, with control characters in them.
return {
  limits = { cpu_ms = 2000, memory_mb = 16, log_kb = 16 },
  fetch = function(request, env, ctx)
    for _ = 1, 5 do log.error(("\r\n\27[2J\0"):rep(200000)) end
    log.warn("\r\n2026-01-01 forged line \27[0m\0")
    print(("x"):rep(1000000))
    return "logged"
  end,
}
