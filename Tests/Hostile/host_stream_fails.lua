-- expect: exception
-- The producer fails after the head is out.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return Response.stream(function(write)
      write("begun")
      error("broken")
    end)
  end,
}
