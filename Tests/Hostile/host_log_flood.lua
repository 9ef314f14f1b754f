-- expect: ok flooded
-- More log lines than the limit: the rest is counted and dropped.
return {
  limits = { cpu_ms = 2000, memory_mb = 16, log_kb = 4 },
  fetch = function(request, env, ctx)
    for i = 1, 20000 do log.info("line", { i = i }) end
    return "flooded"
  end,
}
