-- expect: exceeded_cpu
-- Greedy repetitions that can't match.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return string.match(("a"):rep(40000), ("a*"):rep(20) .. "b")
  end,
}
