-- expect: exceeded_cpu
-- %f before a repetition that can't match, at every place.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return string.find(("ab"):rep(500000), "%f[a].*%f[c]")
  end,
}
