-- expect: exceeded_cpu
-- table.sort of a thousand million elements that are not there.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local mt = { __len = function() return 1 << 30 end, __index = function(_, i) return i end }
    mt.__newindex = function() end
    table.sort(setmetatable({}, mt))
  end,
}
