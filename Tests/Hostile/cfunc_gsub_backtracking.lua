-- expect: exceeded_cpu
-- Captures that backtrack exponentially.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return (string.gsub(("a"):rep(30), ("(.-)"):rep(20) .. "b", ""))
  end,
}
