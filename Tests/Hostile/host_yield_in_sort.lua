-- expect: exception
-- A host call in a comparator, where the guest can't be suspended.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    table.sort({ 3, 2, 1 }, function(a, b) return env.KV:get("x") == nil and a < b end)
  end,
}
