-- expect: exceeded_cpu
-- The message handler of xpcall never returns.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    xpcall(error, function() while true do end end)
  end,
}
