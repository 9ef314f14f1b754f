-- The shortest worker: a function of the request that returns text.
--   curl localhost:8080/hello?name=Ada
return function(request)
  return "Hello, " .. (request.query.name or "world") .. "!\n"
end
