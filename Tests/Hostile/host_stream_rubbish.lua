-- expect: exception
-- The producer writes what is no string.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return Response.stream(function(write)
      write("begun")
      write({})
    end)
  end,
}
