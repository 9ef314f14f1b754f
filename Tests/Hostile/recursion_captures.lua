-- expect: exception
-- Three hundred thousand captures.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return string.find(("("):rep(300000), ("("):rep(300000))
  end,
}
