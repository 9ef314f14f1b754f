-- expect: ok held
-- Values that can't be stored.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local cyclic = {}
    cyclic[1] = cyclic
    for _, value in ipairs { cyclic, print, { print }, coroutine.create(print), { [{}] = 1 }, 0 / 0, math.huge } do
      if pcall(env.KV.put, env.KV, "host_kv_values", value) then return "stored" end
    end
    return env.KV:get("host_kv_values") == nil and "held" or "stored"
  end,
}
