-- expect: exceeded_cpu
-- pcall around the loop, in a loop.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do
      pcall(function() while true do end end)
    end
  end,
}
