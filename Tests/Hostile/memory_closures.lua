-- expect: exceeded_memory
-- Closures with upvalues of their own.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local kept = {}
    while true do
      local n = #kept
      kept[n + 1] = function() n = n + 1 return n end
    end
  end,
}
