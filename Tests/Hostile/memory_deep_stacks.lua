-- expect: exceeded_memory
-- Coroutines each of which grows a stack of its own.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local kept = {}
    local function deep(n) if n == 0 then coroutine.yield() else deep(n - 1) end return 1 end
    while true do
      local c = coroutine.create(deep)
      coroutine.resume(c, 5000)
      kept[#kept + 1] = c
    end
  end,
}
