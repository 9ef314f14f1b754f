-- expect: exceeded_cpu
-- A comparator that tosses a coin.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local list = {}
    for i = 1, 100 do list[i] = i end
    while true do
      pcall(table.sort, list, function() return math.random() < 0.5 end)
    end
  end,
}
