-- expect: exception|exceeded_cpu|exceeded_memory
-- One table in many places: small here, large there.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = { "v", "v", "v", "v", "v", "v", "v", "v" }
    for _ = 1, 6 do t = { t, t, t, t, t, t, t, t } end
    return { headers = { ["x-a"] = t }, body = "x" }
  end,
}
