-- expect: exception
-- A header of a megabyte.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return { headers = { ["x-a"] = ("v"):rep(1000000) }, body = "x" }
  end,
}
