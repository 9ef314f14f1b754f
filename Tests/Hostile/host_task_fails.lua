-- expect: exception
-- The response is out; a task after it fails.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    ctx:wait_until(function() error("task") end)
    return "sent"
  end,
}
