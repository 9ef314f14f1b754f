-- expect: exceeded_cpu
-- The iterator of gmatch backtracks inside its first call.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _ in string.gmatch(("a"):rep(30), (".-"):rep(20) .. "b") do end
  end,
}
