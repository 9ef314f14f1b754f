-- expect: exceeded_wall_time
-- One sleep of eleven days.
return {
  limits = { cpu_ms = 2000, memory_mb = 16, wall_ms = 100 },
  fetch = function(request, env, ctx)
    pcall(sleep, 1e9)
    return "slept"
  end,
}
