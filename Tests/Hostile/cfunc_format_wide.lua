-- expect: exceeded_cpu
-- The widest and most precise numbers, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do string.format("%99.99f %99.99a %99.99g", 1e308, 1e-308, math.pi) end
  end,
}
