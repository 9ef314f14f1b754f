-- expect: ok
-- A body with a status that has none: it must not reach the wire.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local list = { 204, 304 }
    return { status = list[request.query.round % 2 + 1], body = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx" }
  end,
}
