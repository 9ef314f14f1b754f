-- expect: exception
-- The handler returns a table that holds itself.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = { body = "x" }
    t.headers = t
    return t
  end,
}
