-- expect: exception
-- The error's text has megabytes.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    error(("x"):rep(3000000))
  end,
}
