-- expect: exceeded_wall_time
-- The longest sleep an integer can say.
return {
  limits = { cpu_ms = 2000, memory_mb = 16, wall_ms = 100 },
  fetch = function(request, env, ctx)
    sleep(math.maxinteger)
  end,
}
