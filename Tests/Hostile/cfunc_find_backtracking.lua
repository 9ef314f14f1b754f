-- expect: exceeded_cpu
-- A pattern that backtracks exponentially.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return string.find(("a"):rep(30), (".-"):rep(20) .. "b")
  end,
}
