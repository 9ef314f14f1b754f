-- expect: exceeded_host_calls
-- Sleeps of no time at all, without end.
return {
  limits = { cpu_ms = 2000, memory_mb = 16, host_calls = 100 },
  fetch = function(request, env, ctx)
    while true do sleep(0) end
  end,
}
