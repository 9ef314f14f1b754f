-- expect: ok held
-- The metatable of strings belongs to one request.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local mt = getmetatable("")
    if ("x").stolen or mt.__call or mt.__len then return "another request saw it" end
    mt.__call = function() return "called" end
    mt.__len = function() return "length" end
    mt.__index = function(_, name) return name end
    return ("x").stolen == "stolen" and ("x")() == "called" and #"x" == 1 and "held" or "no effect"
  end,
}
