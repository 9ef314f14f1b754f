-- expect: exception
-- The separator alone would overflow.
return {
  limits = { cpu_ms = 1000, memory_mb = 64 },
  fetch = function(request, env, ctx)
    return ("x"):rep(1 << 40, ("y"):rep(1 << 23))
  end,
}
