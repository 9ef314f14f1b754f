-- A length that lies makes one call run for ever.
return {
  limits = { cpu_ms = 50, memory_mb = 32 },

  fetch = function()
    local lying = setmetatable({}, {
      __len = function() return math.maxinteger - 1 end,
      __index = function() return "" end,
    })
    return table.concat(lying)
  end,
}
