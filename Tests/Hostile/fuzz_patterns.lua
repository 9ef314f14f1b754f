-- expect: ok held|exceeded_cpu|exceeded_memory
-- Random patterns on a text; the seed is the round.
return {
  limits = { cpu_ms = 200, memory_mb = 16 },
  fetch = function(request, env, ctx)
    math.randomseed(tonumber(request.query.round))
    local items = {
      "a", ".", "%a", "%d", "%b()", "%f[a]", "[a-z]", "[^a]", "[", "]", "(", ")", "()", "*", "+", "-", "?", "^", "$",
      "%1", "%2", "%", "%0", "[%", "[]", "[^]", "%z", "%b", "%f", "\0", "[a-]", "[-a]",
    }
    local text = "abc (def) 123 \0 aaaa"
    for _ = 1, 3000 do
      local parts = {}
      for i = 1, math.random(1, 8) do parts[i] = items[math.random(#items)] end
      local pattern = table.concat(parts)
      pcall(string.find, text, pattern)
      pcall(string.gsub, text, pattern, "%1%0")
      pcall(string.gsub, text, pattern, parts[1])
      pcall(function() for _ in text:gmatch(pattern) do end end)
    end
    return "held"
  end,
}
