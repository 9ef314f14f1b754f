-- expect: exceeded_cpu
-- The condition is a metamethod that is always true.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local mt = { __lt = function() return true end }
    local a, b = setmetatable({}, mt), setmetatable({}, mt)
    while a < b do end
  end,
}
