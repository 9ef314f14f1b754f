-- expect: exceeded_cpu
-- New short strings for ever, each garbage at once.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local i = 0
    while true do
      i = i + 1
      local _ = "key" .. i
    end
  end,
}
