-- expect: exceeded_memory|exceeded_cpu
-- One name that never ends.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return load(function() return "name" end)
  end,
}
