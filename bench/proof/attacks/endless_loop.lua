-- The plain one.
return {
  limits = { cpu_ms = 50, memory_mb = 32 },

  fetch = function()
    while true do end
  end,
}
