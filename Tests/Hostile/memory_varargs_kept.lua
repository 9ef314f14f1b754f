-- expect: exceeded_memory
-- Coroutines that each keep a long list of arguments.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local kept = {}
    local list = {}
    for i = 1, 10000 do list[i] = i end
    while true do
      local c = coroutine.create(function(...) coroutine.yield(...) return ... end)
      coroutine.resume(c, table.unpack(list))
      kept[#kept + 1] = c
    end
  end,
}
