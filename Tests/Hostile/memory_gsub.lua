-- expect: exceeded_memory
-- A replacement ten thousand times as long as what it replaces.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return (("x"):rep(1000000):gsub("x", ("y"):rep(10000)))
  end,
}
