-- expect: exceeded_cpu
-- next walks over a hundred thousand empty places each time.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = {}
    for i = 1, 100000 do t["k" .. i] = i end
    for k in pairs(t) do t[k] = nil end
    while true do next(t) end
  end,
}
