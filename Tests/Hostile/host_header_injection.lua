-- expect: exception
-- A header value with a line break.
return {
  limits = { cpu_ms = 2000, memory_mb = 8 },
  fetch = function(request, env, ctx)
    return { headers = { ["x-a"] = "b\r\nset-cookie: stolen=1" }, body = "x" }
  end,
}
