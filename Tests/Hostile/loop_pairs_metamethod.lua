-- expect: exceeded_cpu
-- A __pairs that gives the first key for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = setmetatable({}, { __pairs = function() return function() return 1, 1 end end })
    for _ in pairs(t) do end
  end,
}
