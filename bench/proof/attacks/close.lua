-- A variable whose closing never ends, left by an error.
return {
  limits = { cpu_ms = 50, memory_mb = 32 },

  fetch = function()
    pcall(function()
      local guard <close> = setmetatable({}, { __close = function() while true do end end })
      error("leave")
    end)
  end,
}
