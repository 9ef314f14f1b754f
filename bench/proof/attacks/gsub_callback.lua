-- Lua called by C called by Lua.
return {
  limits = { cpu_ms = 50, memory_mb = 32 },

  fetch = function()
    return (("x"):rep(1000):gsub("x", function() while true do end end))
  end,
}
