-- expect: exceeded_cpu
-- %b over a text of opening brackets is quadratic.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return string.find(("("):rep(1000000), "%b()")
  end,
}
