-- expect: exception
-- A host call in a coroutine beneath a comparator.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    table.sort({ 3, 2, 1 }, function(a, b)
      local value = coroutine.wrap(function() return env.KV:get("x") or 1 end)()
      return value and a < b
    end)
  end,
}
