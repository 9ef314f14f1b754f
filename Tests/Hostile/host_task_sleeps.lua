-- expect: exceeded_wall_time
-- The response is out; a task after it sleeps for ever.
return {
  limits = { cpu_ms = 2000, memory_mb = 16, wall_ms = 100 },
  fetch = function(request, env, ctx)
    ctx:wait_until(function() sleep(1e12) end)
    return "sent"
  end,
}
