-- expect: exceeded_cpu
-- table.insert shifts as many elements as __len says.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    table.insert(setmetatable({}, { __len = function() return 1 << 40 end }), 1, 1)
  end,
}
