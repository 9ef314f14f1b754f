-- Long sorts, some with a comparator in Lua.
return {
  limits = { cpu_ms = 50, memory_mb = 32 },

  fetch = function()
    local list = {}
    for i = 1, 100000 do list[i] = i * 7919 % 100003 end
    while true do
      table.sort(list, function(a, b) return a > b end)
      table.sort(list)
    end
  end,
}
