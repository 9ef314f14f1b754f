-- expect: exception|exceeded_cpu|exceeded_memory|exceeded_host_calls
-- Small tables that grow when passed.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = { 1, 1, 1, 1, 1, 1, 1, 1 }
    for _ = 1, 6 do t = { t, t, t, t, t, t, t, t } end
    for _ = 1, 100 do pcall(env.KV.list, env.KV, t) end
    error("came to the end")
  end,
}
