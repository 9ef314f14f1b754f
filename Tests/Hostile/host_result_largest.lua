-- expect: ok
-- A body just under the limit, from a heap that has little left.
return {
  limits = { cpu_ms = 2000, memory_mb = 8 },
  fetch = function(request, env, ctx)
    return ("x"):rep(2000000)
  end,
}
