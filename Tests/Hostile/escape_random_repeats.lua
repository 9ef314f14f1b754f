-- expect: ok held
-- Two requests draw the same numbers, or one that was drawn at the top level.
local first = math.random(0)

return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _ = 1, 3 do
      local number = math.random(0)
      local version = env.KV:put("random/" .. number, "drawn", { if_absent = true, ttl = 60 })
      if not version or number == first then return "repeated" end
    end
    return "held"
  end,
}
