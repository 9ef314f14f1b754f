-- expect: exception
-- The response is none, and tasks wait.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    ctx:wait_until(function() end)
    return { status = 99 }
  end,
}
