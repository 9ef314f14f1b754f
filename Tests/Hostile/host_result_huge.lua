-- expect: exception|exceeded_memory
-- A body over the limit of the response.
return {
  limits = { cpu_ms = 2000, memory_mb = 16, response_mb = 1 },
  fetch = function(request, env, ctx)
    return ("x"):rep(5000000)
  end,
}
