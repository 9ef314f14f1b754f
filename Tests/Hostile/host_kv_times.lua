-- expect: ok held
-- Expiries that are none or far away.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _, time in ipairs { 0, -1, 0.5, "1", {}, true, math.mininteger, 0 / 0, math.huge } do
      if pcall(env.KV.put, env.KV, "host_kv_times", "x", { ttl = time }) then return "ttl " .. tostring(time) end
    end
    for _, time in ipairs { math.maxinteger, 1 << 53, 1 << 62 } do
      pcall(env.KV.put, env.KV, "host_kv_times", "x", { ttl = time })
      pcall(env.KV.put, env.KV, "host_kv_times", "x", { expires_at = time })
      pcall(env.KV.increment, env.KV, "host_kv_times_count", 1, { ttl = time })
    end
    return "held"
  end,
}
