-- expect: exception
-- A table that is its own __index.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = setmetatable({}, {})
    getmetatable(t).__index = t
    return t.x
  end,
}
