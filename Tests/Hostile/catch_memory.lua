-- expect: exceeded_memory
-- pcall around the allocation that goes over the limit.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local kept = {}
    while true do
      pcall(function()
        for i = 1, 1e9 do kept[#kept + 1] = { i } end
      end)
    end
  end,
}
