-- expect: ok held
-- What the host makes of arguments costs its memory and time: they are counted.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local many = {}
    for i = 1, 20000 do many[i] = "k" end
    local shared = { 1, 1, 1, 1, 1, 1, 1, 1 }
    for _ = 1, 5 do shared = { shared, shared, shared, shared, shared, shared, shared, shared } end
    for _, value in ipairs { many, shared } do
      for _, call in ipairs { "get_many", "list", "delete", "increment" } do
        local ok, message = pcall(getmetatable(env.KV)[call], env.KV, value)
        if ok or not message:find("more than 10000 values", 1, true) then return call .. ": " .. tostring(message) end
      end
    end
    return "held"
  end,
}
