-- expect: exception
-- A header name with a colon and a space.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return { headers = { ["x-a: b\r\nx-c"] = "d" }, body = "x" }
  end,
}
