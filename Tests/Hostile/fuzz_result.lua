-- expect: ok|exception
-- The handler returns what a fuzzer made; the seed is the round.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    math.randomseed(tonumber(request.query.round))
    local leaves = { "x", "", 1, 200, 204, 0.5, true, "a\r\nb", "x-name", "set-cookie", ("v"):rep(500), -1, json.null }
    local names = { "status", "headers", "body", "stream", "x-a", 1, 2, true, "content-type", "" }
    local function make(depth)
      if depth == 0 or math.random() < 0.3 then return leaves[math.random(#leaves)] end
      local t = {}
      for _ = 1, math.random(0, 4) do t[names[math.random(#names)]] = make(depth - 1) end
      return t
    end
    local result = { status = math.random(200, 599), headers = make(2), body = leaves[math.random(#leaves)] }
    return math.random() < 0.5 and result or make(4)
  end,
}
