-- expect: exceeded_wall_time
-- A loop that stays within its CPU time but not its wall time.
return {
  limits = { cpu_ms = 20000, memory_mb = 16, wall_ms = 50 },
  fetch = function(request, env, ctx)
    while true do pcall(function() while true do end end) end
  end,
}
