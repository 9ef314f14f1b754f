-- expect: exceeded_wall_time
-- pcall around sleeps beyond the wall-time limit.
return {
  limits = { cpu_ms = 2000, memory_mb = 16, wall_ms = 100 },
  fetch = function(request, env, ctx)
    while true do pcall(sleep, 30) end
  end,
}
