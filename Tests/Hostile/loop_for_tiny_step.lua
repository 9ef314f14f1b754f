-- expect: exceeded_cpu
-- A float loop whose step is too small to ever reach its end.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _ = 0.0, 1.0, 1e-300 do end
  end,
}
