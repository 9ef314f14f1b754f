-- expect: ok held
-- Bytecode is refused, whatever the mode says.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = "\27Lua\x54\0\x19\x93\r\n\x1a\n"
    for _, mode in ipairs { "b", "bt", "tb", "t", "", "x" } do
      if load(text, "n", mode) then return "loaded with mode " .. mode end
    end
    if load(text) or load(text, "n", nil, {}) then return "loaded" end
    return string.dump == nil and "held" or "string.dump"
  end,
}
