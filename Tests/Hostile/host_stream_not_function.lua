-- expect: exception
-- The stream of a response is no function.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return { status = 200, stream = { "x" } }
  end,
}
