-- expect: exceeded_cpu
-- Two coroutines resume each other's maker for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local a = coroutine.wrap(function() while true do coroutine.yield() end end)
    local b = coroutine.wrap(function() while true do a() coroutine.yield() end end)
    while true do b() end
  end,
}
