-- expect: exception
-- The function that writes the body is used after the body's end.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local kept
    ctx:wait_until(function() kept("smuggled") end)
    return Response.stream(function(write)
      kept = write
      write("body")
    end)
  end,
}
