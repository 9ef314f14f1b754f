-- expect: exception
-- __index functions within each other take C stack.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = setmetatable({}, {})
    getmetatable(t).__index = function(_, k) return t[k .. "x"] end
    return t.x
  end,
}
