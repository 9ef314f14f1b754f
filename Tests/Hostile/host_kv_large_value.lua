-- expect: ok held
-- A value over the store's limit, and a key over it.
return {
  limits = { cpu_ms = 2000, memory_mb = 256, wall_ms = 20000 },
  fetch = function(request, env, ctx)
    local ok, message = pcall(env.KV.put, env.KV, "host_kv_large_value", ("x"):rep(27 << 20))
    if ok then return "stored" end
    if pcall(env.KV.put, env.KV, ("k"):rep(513), "x") or pcall(env.KV.put, env.KV, "", "x") then return "key" end
    if pcall(env.KV.put, env.KV, "k", "x", { metadata = ("m"):rep(2000) }) then return "metadata" end
    return type(message) == "string" and #message < 1000 and "held" or "message"
  end,
}
