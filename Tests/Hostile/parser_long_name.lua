-- expect: exception
-- A goto to a name of a megabyte.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load("goto " .. ("x"):rep(1000000)))
  end,
}
