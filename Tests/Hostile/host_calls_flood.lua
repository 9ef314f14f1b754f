-- expect: exceeded_host_calls
-- Reads without end.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do env.KV:get("x") end
  end,
}
