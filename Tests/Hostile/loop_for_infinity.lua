-- expect: exceeded_cpu
-- A numeric for to infinity.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _ = 1, math.huge do end
  end,
}
