-- expect: exception
-- A call of the result of a call, a hundred thousand times: too many registers or none.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load("return a" .. ("()"):rep(100000)))()
  end,
}
