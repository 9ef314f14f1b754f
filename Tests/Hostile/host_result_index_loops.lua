-- expect: exceeded_cpu
-- Reading a field of the result never returns.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return setmetatable({}, { __index = function() while true do end end })
  end,
}
