-- expect: ok held|exceeded_cpu|exceeded_memory
-- Random tokens as a program; the seed is the round.
return {
  limits = { cpu_ms = 200, memory_mb = 16 },
  fetch = function(request, env, ctx)
    math.randomseed(tonumber(request.query.round))
    local tokens = {
      "local", "function", "end", "return", "if", "then", "else", "while", "do", "repeat", "until", "for", "in", "goto",
      "::", "a", "b", "c", "=", "==", "(", ")", "{", "}", "[", "]", "..", "...", "<close>", "<const>", "1", "2.5",
      "'x'", ",", ";",
      "+", "-", "//", "#", "~", "not", "and", "or", "nil", "true", "break", "[[", "]]", "0x", "'", "\\",
    }
    for _ = 1, 2000 do
      local parts = {}
      for i = 1, math.random(1, 30) do parts[i] = tokens[math.random(#tokens)] end
      local f = load(table.concat(parts, " "), "fuzz", "t", {})
      if f then pcall(f) end
    end
    return "held"
  end,
}
