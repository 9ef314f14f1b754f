-- expect: exceeded_cpu
-- table.remove shifts as many elements as __len says.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    table.remove(setmetatable({}, { __len = function() return 1 << 40 end }), 1)
  end,
}
