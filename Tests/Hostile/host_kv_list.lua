-- expect: ok held
-- Lists with limits and cursors that are none.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local kv = env.KV
    for _, options in ipairs {
      { limit = 0 }, { limit = -1 }, { limit = math.maxinteger }, { limit = 0.5 }, { limit = "x" }, { cursor = "x" },
      { cursor = ("A"):rep(100000) }, { cursor = {} }, { prefix = {} }, { prefix = ("p"):rep(100000) }, { reverse = 1 },
      { unknown = 1 }, { cursor = "\0\255" }, { limit = math.mininteger },
    } do
      local ok, message = pcall(kv.list, kv, options)
      if not ok and (type(message) ~= "string" or #message > 1000) then return "message" end
    end
    return "held"
  end,
}
