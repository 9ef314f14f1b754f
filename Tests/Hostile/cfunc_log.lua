-- expect: exceeded_cpu
-- Log lines with large fields, all beyond the limit, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16, log_kb = 1 },
  fetch = function(request, env, ctx)
    local fields = { text = ("x"):rep(100000), list = { 1, 2, 3 } }
    while true do log.info("x", fields) end
  end,
}
