-- expect: ok held
-- No key reaches into another namespace or hides its end.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local keys = { "\0", "HONEST\0secret", "../HONEST/secret", "\255\255\255", ("\0"):rep(512), "HONEST/secret" }
    for _, key in ipairs(keys) do
      local ok, value = pcall(env.KV.get, env.KV, key)
      if ok and value ~= nil then return "found a value" end
    end
    for _, prefix in ipairs { "", "\0", "\255", "HONEST" } do
      for _, key in ipairs((env.KV:list { prefix = prefix, limit = 100 })) do
        if key.name:find("secret", 1, true) then return "listed it" end
      end
    end
    return "held"
  end,
}
