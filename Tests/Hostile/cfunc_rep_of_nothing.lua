-- expect: exceeded_cpu
-- The empty string, repeated more often than there are microseconds.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return string.rep("", math.maxinteger)
  end,
}
