-- The handler of an error does not end.
return {
  limits = { cpu_ms = 50, memory_mb = 32 },

  fetch = function()
    xpcall(error, function() while true do end end, "begin")
  end,
}
