-- expect: exception
-- A header name of a megabyte.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return { headers = { [("x"):rep(1000000)] = "v" }, body = "x" }
  end,
}
