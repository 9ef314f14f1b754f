-- An error can be caught; a kill can not.
return {
  limits = { cpu_ms = 50, memory_mb = 32 },

  fetch = function()
    while true do
      pcall(function() while true do end end)
    end
  end,
}
