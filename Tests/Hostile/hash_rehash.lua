-- expect: exceeded_cpu
-- A full table whose keys are replaced one by one: every insertion may rehash.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = {}
    for i = 1, 1024 do t["k" .. i] = true end
    local i = 0
    while true do
      i = i + 1
      t["k" .. i] = nil
      t["k" .. i + 1024] = true
    end
  end,
}
