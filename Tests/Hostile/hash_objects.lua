-- expect: exceeded_memory|exceeded_cpu
-- Objects as keys, allocated at even distances.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = {}
    while true do
      local key = {}
      t[key] = key
      local _ = { { { {} } } }
    end
  end,
}
