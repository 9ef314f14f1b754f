-- expect: exceeded_host_calls
-- pcall around host calls beyond their number.
return {
  limits = { cpu_ms = 2000, memory_mb = 16, host_calls = 20 },
  fetch = function(request, env, ctx)
    while true do pcall(env.KV.get, env.KV, "key") end
  end,
}
