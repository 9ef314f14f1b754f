-- expect: exception
-- A header value with a line feed alone.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return { headers = { ["x-a"] = "b\nx-b: c" }, body = "x" }
  end,
}
