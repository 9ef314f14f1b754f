-- expect: exceeded_memory
-- Coroutines by the thousand, all suspended.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local kept = {}
    while true do
      local c = coroutine.create(function() coroutine.yield() end)
      coroutine.resume(c)
      kept[#kept + 1] = c
    end
  end,
}
