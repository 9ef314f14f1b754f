-- expect: ok held
-- Increments that overflow or count what is no number.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local kv = env.KV
    kv:put("host_kv_increment", math.maxinteger)
    if pcall(kv.increment, kv, "host_kv_increment", math.maxinteger) then return "overflow" end
    if pcall(kv.increment, kv, "host_kv_increment", 1) then return "overflow by one" end
    kv:put("host_kv_increment_text", "x")
    if pcall(kv.increment, kv, "host_kv_increment_text", 1) then return "text" end
    for _, amount in ipairs { 0.5, "x", {}, true, math.huge, 0 / 0 } do
      if pcall(kv.increment, kv, "host_kv_increment", amount) then return "amount" end
    end
    return "held"
  end,
}
