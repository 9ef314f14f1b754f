-- expect: exception
-- The error is nil.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    error(nil)
  end,
}
