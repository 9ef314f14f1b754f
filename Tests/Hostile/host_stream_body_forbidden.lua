-- expect: ok
-- A stream with a status that has no body.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return Response.stream(function(write)
      for _ = 1, 10 do write("HTTP/1.1 200 OK\r\n\r\n") end
    end, { status = request.query.round % 2 == 0 and 204 or 304 })
  end,
}
