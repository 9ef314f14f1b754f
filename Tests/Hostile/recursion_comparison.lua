-- expect: exception|exceeded_memory
-- __eq, __lt and __le of themselves.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local mt = {}
    mt.__eq = function(a, b) return a == b end
    mt.__lt = function(a, b) return a <= b end
    mt.__le = function(a, b) return a < b end
    local a, b = setmetatable({}, mt), setmetatable({}, mt)
    pcall(function() return a == b end)
    return a < b
  end,
}
