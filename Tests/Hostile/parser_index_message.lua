-- expect: exception|vm_fault|exceeded_cpu|exceeded_memory
-- The error message names a.a.a.a...
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load("local a = {} return a" .. (".a"):rep(12000)))()
  end,
}
