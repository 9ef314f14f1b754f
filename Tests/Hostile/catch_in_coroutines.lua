-- expect: exceeded_cpu
-- Coroutines as protected calls.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do
      coroutine.resume(coroutine.create(function() while true do end end))
    end
  end,
}
