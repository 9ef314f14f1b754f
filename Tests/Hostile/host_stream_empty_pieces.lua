-- expect: ok begunended
-- Empty pieces of a chunked body, which must not end it.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return Response.stream(function(write)
      write("begun")
      for _ = 1, 100 do write("") end
      write("ended")
    end)
  end,
}
