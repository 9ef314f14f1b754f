-- expect: exceeded_memory
-- A replacement that repeats the match a thousand times.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return (("x"):rep(100000):gsub("x+", ("%0"):rep(1000)))
  end,
}
