-- expect: exception
-- The head of a stream has a header with a line break.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return Response.stream(function(write) write("x") end, { headers = { ["x-a"] = "b\r\n\r\nHTTP/1.1 200 OK" } })
  end,
}
