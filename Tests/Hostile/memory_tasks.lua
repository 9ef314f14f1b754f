-- expect: exceeded_memory|exceeded_cpu
-- Tasks for after the response, without end.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do ctx:wait_until(function() return env end) end
  end,
}
