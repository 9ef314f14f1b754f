-- expect: ok held|exceeded_cpu|exceeded_memory
-- Random JSON texts; the seed is the round.
return {
  limits = { cpu_ms = 200, memory_mb = 16 },
  fetch = function(request, env, ctx)
    math.randomseed(tonumber(request.query.round))
    local items = {
      "{", "}", "[", "]", ":", ",", "1", "-0", "1e999", "1.5e-300", "\"a\"", "\"\\u0000\"", "\"\\ud800\"", "true",
      "null", " ", "\255", "\0", "9007199254740993", "123456789012345678901234567890", "\"", "\\", "nul", "-", "0x1",
      "01", ".5",
    }
    for _ = 1, 5000 do
      local parts = {}
      for i = 1, math.random(1, 12) do parts[i] = items[math.random(#items)] end
      local ok, value = pcall(json.decode, table.concat(parts))
      if ok then json.encode(value) end
    end
    return "held"
  end,
}
