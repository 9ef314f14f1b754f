-- Long copies, one after another.
return {
  limits = { cpu_ms = 50, memory_mb = 32 },

  fetch = function()
    while true do
      local _ = ("x"):rep(4 * 1024 * 1024)
    end
  end,
}
