-- Inside a coroutine, and again after it.
return {
  limits = { cpu_ms = 50, memory_mb = 32 },

  fetch = function()
    local thread = coroutine.wrap(function() while true do end end)
    while true do pcall(thread) end
  end,
}
