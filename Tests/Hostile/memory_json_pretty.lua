-- expect: exceeded_memory|exceeded_cpu
-- Indentation makes the text much larger than the value.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = {}
    for i = 1, 5000 do t[i] = 1 end
    for _ = 1, 60 do t = { t } end
    return json.encode({ t, t, t, t, t, t, t, t, t, t, t, t, t, t, t, t }, { pretty = true })
  end,
}
