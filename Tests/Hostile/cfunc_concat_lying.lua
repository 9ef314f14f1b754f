-- expect: exceeded_cpu
-- table.concat joins as many empty strings as __len says.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = setmetatable({}, { __len = function() return 1 << 50 end, __index = function() return "" end })
    return table.concat(t)
  end,
}
