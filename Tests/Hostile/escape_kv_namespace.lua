-- expect: ok held
-- A handle that the script makes for a namespace it has not declared.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local forged = setmetatable({ namespace = "HONEST" }, getmetatable(env.KV))
    for _, call in ipairs { "get", "put", "delete", "list", "increment", "get_many", "get_with_metadata" } do
      local ok, message = pcall(env.KV[call], forged, call ~= "list" and "secret" or nil, "x")
      if call ~= "get_many" and (ok or not message:find("namespace", 1, true)) then return call .. tostring(message) end
    end
    for _, name in ipairs { "HONEST\0", "", "../HONEST", "honest", 1, true, {} } do
      if pcall(env.KV.get, { namespace = name }, "secret") then return "opened " .. tostring(name) end
    end
    return "held"
  end,
}
