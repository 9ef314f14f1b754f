-- expect: exceeded_cpu
-- table.move between objects that swallow everything.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = setmetatable({}, { __index = function() return 1 end, __newindex = function() end })
    table.move(t, 1, 1 << 60, 2)
  end,
}
