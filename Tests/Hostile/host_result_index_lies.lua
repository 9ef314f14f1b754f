-- expect: exception|ok
-- Every field of the result is a function, by its metatable.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return setmetatable({ body = "x" }, { __index = function() return "x" end })
  end,
}
