-- expect: exceeded_host_calls
-- Reads without end, each in a coroutine of its own.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do coroutine.wrap(function() pcall(env.KV.get, env.KV, "x") end)() end
  end,
}
