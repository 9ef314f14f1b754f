-- expect: exception
-- A header value with a NUL.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return { headers = { ["x-a"] = "b\0c" }, body = "x" }
  end,
}
