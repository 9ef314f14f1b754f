-- expect: exception|vm_fault|exceeded_cpu|exceeded_memory
-- The same with upvalues and calls.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load("local a = {} return function() return a" .. (".a"):rep(8000) .. ":b() end"))()()
  end,
}
