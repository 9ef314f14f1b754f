-- expect: exception|exceeded_cpu|exceeded_memory|exceeded_host_calls
-- Options with many fields.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local options = {}
    for i = 1, 50000 do options["k" .. i] = i end
    for _ = 1, 100 do pcall(env.KV.get, env.KV, "k", options) end
    error("came to the end")
  end,
}
