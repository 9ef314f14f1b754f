-- expect: exception
-- A table that is its own __newindex.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = setmetatable({}, {})
    getmetatable(t).__newindex = t
    t.x = 1
  end,
}
