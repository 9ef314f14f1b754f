-- expect: exception
-- string.format of an object whose __tostring formats itself.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return string.format("%s", setmetatable({}, { __tostring = function(t) return string.format("%s", t) end }))
  end,
}
