-- expect: ok held|exceeded_cpu|exceeded_memory
-- Every function of coroutine with arguments of every kind; the seed is the round.
return {
  limits = { cpu_ms = 200, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local values = {
      nil, true, false, 0, 1, -1, 0.5, 0 / 0, math.huge, -math.huge, math.maxinteger, math.mininteger, "", "x", "%",
      "\0", ("x"):rep(1000), "\255\254", "10", {}, { 1, 2, 3 }, { a = 1 }, print, function() return 1 end, json.null,
      coroutine.create(function() coroutine.yield() end), setmetatable({}, { __len = function() return 1 << 40 end }),
      setmetatable({}, { __index = function() return "y" end, __tostring = function() return "t" end }), request, env,
    }
    math.randomseed(tonumber(request.query.round))
    local functions = {
      coroutine.create, coroutine.resume, coroutine.wrap, coroutine.status, coroutine.isyieldable,
      coroutine.running, coroutine.close, coroutine.yield,
    }
    for _ = 1, 3000 do
      local f = functions[math.random(#functions)]
      local arguments = {}
      local n = math.random(0, 4)
      for i = 1, n do arguments[i] = values[math.random(30)] end
      pcall(coroutine.wrap(function(...) f(...) end), table.unpack(arguments, 1, n))
    end
    return "held"
  end,
}
