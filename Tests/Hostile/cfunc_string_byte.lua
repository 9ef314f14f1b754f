-- expect: exception
-- More bytes than the stack can hold.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return ("x"):rep(2000000):byte(1, -1)
  end,
}
