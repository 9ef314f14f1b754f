-- Metamethods that lie make one call run for ever.
return {
  limits = { cpu_ms = 50, memory_mb = 32 },

  fetch = function()
    local lying = setmetatable({}, { __index = function() return 1 end, __newindex = function() end })
    table.move(lying, 1, math.maxinteger - 1, 2)
  end,
}
