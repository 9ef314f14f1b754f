-- expect: exceeded_cpu
-- The plainest endless loop.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do end
  end,
}
