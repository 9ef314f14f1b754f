-- Finalizers are ignored; where they were not, this one would never end.
return {
  limits = { cpu_ms = 50, memory_mb = 32 },

  fetch = function()
    while true do
      setmetatable({}, { __gc = function() while true do end end })
    end
  end,
}
