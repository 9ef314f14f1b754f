-- expect: exceeded_memory|exceeded_cpu|exception
-- Forty levels that each hold the next twice.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = { "leaf" }
    for _ = 1, 40 do t = { t, t } end
    return json.encode(t)
  end,
}
