-- expect: exception|ok
-- The producer returns another response and calls its producer.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return Response.stream(function(write)
      local inner = Response.stream(function(again) again("inner") end)
      inner.stream(write)
      return inner
    end)
  end,
}
