-- expect: ok held
-- Nothing that reaches out of the isolate hangs on any global, module or metatable.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local forbidden = {
      "io", "package", "dofile", "loadfile", "warn", "host", "edge", "operations", "execute", "exit", "getenv",
      "rename", "tmpname", "setlocale", "dump", "getinfo", "sethook", "gethook", "getlocal", "setlocal", "getupvalue",
      "setupvalue", "upvalueid", "upvaluejoin", "getregistry", "getuservalue", "setuservalue", "setcstacklimit",
    }
    local bad = {}
    for _, name in ipairs(forbidden) do bad[name] = true end
    local harmless = { [log.warn] = true }
    local seen, found = {}, nil
    local function walk(value, path)
      local kind = type(value)
      if kind == "userdata" and value ~= json.null then found = path .. " is a userdata" end
      if kind == "thread" then found = path .. " is a thread" end
      if kind ~= "table" or seen[value] then return end
      seen[value] = true
      for k, v in next, value do
        if bad[k] and not harmless[v] then found = path .. "." .. tostring(k) end
        walk(v, path .. "." .. tostring(k))
      end
      walk(getmetatable(value), path .. "(metatable)")
    end
    walk(_G, "_G")
    walk(getmetatable(""), "string")
    walk(request, "request")
    walk(request.headers, "request.headers")
    walk(env, "env")
    walk(ctx, "ctx")
    if os.remove or debug.getmetatable or debug.setmetatable then found = "os.remove or debug" end
    return found or "held"
  end,
}
