-- expect: exceeded_cpu
-- The response is out; a task after it never ends.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    ctx:wait_until(function() while true do end end)
    return "sent"
  end,
}
