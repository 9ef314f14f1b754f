-- expect: exception
-- The handler returns a function.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return function() return "x" end
  end,
}
