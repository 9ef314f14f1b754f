-- expect: ok held
-- A seed set at the top level is no seed of the requests.
math.randomseed(42)

return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local number = math.random(0)
    local version = env.KV:put("seeded/" .. number, "drawn", { if_absent = true, ttl = 60 })
    return version and "held" or "repeated"
  end,
}
