-- expect: exception|ok
-- A task after the response returns another response.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    ctx:wait_until(function() return Response.stream(function(write) write("again") end) end)
    ctx:wait_until(function() return { status = 500 } end)
    return "sent"
  end,
}
