-- expect: exceeded_cpu|exceeded_memory|exception
-- Branches whose jumps form one long list.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load("if a then x = 1 " .. ("elseif a then x = 1 "):rep(50000) .. "end"))
  end,
}
