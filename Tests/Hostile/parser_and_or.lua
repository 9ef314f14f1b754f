-- expect: exceeded_cpu|exceeded_memory|exception
-- Conditions whose jumps form one long list.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load("return a " .. ("and b or c "):rep(100000)))
  end,
}
