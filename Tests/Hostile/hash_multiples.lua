-- expect: exceeded_cpu|exceeded_memory
-- Integer keys that all fall on one place of a table.
return {
  limits = { cpu_ms = 30, memory_mb = 64 },
  fetch = function(request, env, ctx)
    local t = {}
    local step = (1 << 17) - 1
    for i = 1, 120000 do t[i * step] = true end
    while true do local _ = t[-step] end
  end,
}
