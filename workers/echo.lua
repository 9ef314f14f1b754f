-- JSON in, JSON out: tells what it received.
--   curl localhost:8080/echo -d '{"answer": 42}'
return function(request)
  if request.method ~= "POST" then
    return Response.json({ error = "send JSON with POST" }, { status = 405, headers = { allow = "POST" } })
  end
  local ok, value = pcall(request.json, request)
  if not ok then
    return Response.json({ error = "the body is not JSON" }, { status = 400 })
  end
  return Response.json({
    method = request.method,
    path = request.path,
    content_type = request.headers["content-type"],
    body = value,
  })
end
