-- expect: exception|exceeded_cpu|exceeded_memory|exceeded_host_calls
-- A million keys in one call.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local keys = {}
    for i = 1, 300000 do keys[i] = "k" end
    for _ = 1, 100 do pcall(env.KV.get_many, env.KV, keys) end
    error("came to the end")
  end,
}
