-- expect: exceeded_cpu
-- The loop is in a coroutine within a coroutine.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    coroutine.wrap(function()
      coroutine.wrap(function() while true do end end)()
    end)()
  end,
}
