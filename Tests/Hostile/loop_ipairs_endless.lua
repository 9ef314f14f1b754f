-- expect: exceeded_cpu
-- ipairs over a table whose __index knows every key.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _ in ipairs(setmetatable({}, { __index = function(_, i) return i end })) do end
  end,
}
