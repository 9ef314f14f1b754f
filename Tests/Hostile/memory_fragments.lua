-- expect: exceeded_memory|exceeded_cpu
-- Every second block is freed, then larger ones are asked for.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local size = 64
    while true do
      local t = {}
      for i = 1, 1000000 // size do t[i] = ("x"):rep(size - 24) .. i end
      for i = 1, #t, 2 do t[i] = nil end
      kept = { kept, t }
      size = size + 32
    end
  end,
}
