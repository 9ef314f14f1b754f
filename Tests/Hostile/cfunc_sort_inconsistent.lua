-- expect: exceeded_cpu
-- An order that contradicts itself, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do
      pcall(table.sort, { 1, 2, 3, 4, 5, 6, 7 }, function() return true end)
    end
  end,
}
