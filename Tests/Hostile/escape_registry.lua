-- expect: ok held
-- The registry can't be had, also not through a traceback or an error.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _, name in ipairs { "getregistry", "getinfo", "getlocal", "getupvalue", "sethook", "getmetatable" } do
      if debug[name] then return name end
    end
    local text = debug.traceback("x", 0)
    return type(text) == "string" and not text:find("0x", 1, true) and "held" or text
  end,
}
