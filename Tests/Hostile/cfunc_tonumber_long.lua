-- expect: exceeded_cpu
-- Reads a numeral of a million digits, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local digits = ("9"):rep(1000000)
    while true do tonumber(digits, 36) tonumber(digits) end
  end,
}
