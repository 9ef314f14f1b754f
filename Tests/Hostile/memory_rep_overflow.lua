-- expect: exception
-- More bytes than there are addresses.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return ("xx"):rep(math.maxinteger)
  end,
}
