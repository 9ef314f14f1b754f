-- expect: exceeded_cpu
-- Times of impossible dates, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do
      pcall(os.time, { year = math.maxinteger, month = math.mininteger, day = 1 })
      pcall(os.time, { year = 1 << 31, month = 1 << 31, day = 1 << 31, hour = 1 << 31, sec = 1 << 31 })
    end
  end,
}
