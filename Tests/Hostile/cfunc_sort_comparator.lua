-- expect: exceeded_cpu
-- The comparator of table.sort never returns.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    table.sort({ 3, 2, 1 }, function() while true do end end)
  end,
}
