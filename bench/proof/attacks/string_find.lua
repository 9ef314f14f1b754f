-- Backtracking that takes seconds inside one C function.
local text = ("a"):rep(3000) .. "b"

return {
  limits = { cpu_ms = 50, memory_mb = 32 },

  fetch = function()
    return tostring(text:find(("a*"):rep(30) .. "c"))
  end,
}
