-- expect: ok held
-- No clock ticks finer than the slices of the scheduler.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local changes = 0
    local clock, time, used = os.clock(), now(), ctx:usage().cpu_us
    for _ = 1, 20000 do
      local a, b, c = os.clock(), now(), ctx:usage().cpu_us
      if a ~= clock or b ~= time or c ~= used then changes = changes + 1 end
      clock, time, used = a, b, c
    end
    return changes < 100 and "held" or "it changed " .. changes .. " times"
  end,
}
