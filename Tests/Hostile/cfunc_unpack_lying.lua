-- expect: exceeded_cpu
-- table.unpack reads through an __index that never returns.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return table.unpack(setmetatable({}, { __index = function() while true do end end }), 1, 2)
  end,
}
