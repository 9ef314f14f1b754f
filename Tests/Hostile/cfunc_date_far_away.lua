-- expect: exceeded_cpu
-- Dates as far away as integers go, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do
      pcall(os.date, "!%c", math.maxinteger)
      pcall(os.date, "*t", math.mininteger)
      pcall(os.date, ("%c"):rep(100), 1 << 40)
    end
  end,
}
