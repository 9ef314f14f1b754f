-- expect: exception
-- The handler yields with nobody to resume it.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    coroutine.yield("out")
  end,
}
