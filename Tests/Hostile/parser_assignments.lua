-- expect: exception|exceeded_cpu
-- One assignment to ten thousand targets.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load(("a, "):rep(10000) .. "a = 1"))
  end,
}
