-- Long texts, one after another, out of C that calls no Lua.
return {
  limits = { cpu_ms = 50, memory_mb = 32 },

  fetch = function()
    local list = json.array {}
    for i = 1, 50000 do list[i] = i end
    while true do
      local _ = json.encode(list)
    end
  end,
}
