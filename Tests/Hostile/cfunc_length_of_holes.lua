-- expect: exceeded_cpu
-- The border of a table full of holes, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = {}
    for i = 1, 100000 do t[i] = i end
    for i = 2, 100000 do t[i] = nil end
    while true do local _ = #t end
  end,
}
