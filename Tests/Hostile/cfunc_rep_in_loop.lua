-- expect: exceeded_cpu
-- A megabyte at a time, each garbage at once.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do local _ = ("x"):rep(1000000) end
  end,
}
