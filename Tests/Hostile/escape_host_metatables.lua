-- expect: ok held
-- Metatables of the host's objects belong to one request.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local a, b = getmetatable(request), getmetatable(request.headers)
    local c, d = getmetatable(ctx), getmetatable(env.KV)
    if request.stolen or ctx.stolen or env.KV.stolen then return "another request saw it" end
    for _, mt in pairs { a, b, c, d } do
      mt.__index = function() return "stolen" end
      mt.__gc = function() end
      mt.__close = function() end
    end
    setmetatable(env, { __index = function() return "stolen" end })
    return request.stolen == "stolen" and env.ANY == "stolen" and "held" or "no effect"
  end,
}
