-- expect: ok held
-- Bytecode in pieces from a reader is refused too.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function pieces(list)
      local i = 0
      return function() i = i + 1 return list[i] end
    end
    for _, mode in ipairs { "b", "bt", "t" } do
      if load(pieces { "\27", "Lua", "\x54\0\x19\x93" }, "n", mode) then return "loaded" end
    end
    return "held"
  end,
}
