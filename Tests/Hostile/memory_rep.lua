-- expect: exceeded_memory
-- A gigabyte in one call.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return ("x"):rep(1 << 30)
  end,
}
