-- expect: exception
-- The error is a table that holds itself.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = {}
    t.message = t
    error(t)
  end,
}
