-- expect: exceeded_cpu
-- A new coroutine for each round, each left suspended.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do
      coroutine.wrap(function() coroutine.yield() end)()
    end
  end,
}
