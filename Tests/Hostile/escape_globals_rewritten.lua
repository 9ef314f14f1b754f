-- expect: ok held
-- The library is torn down; the next request and the others have it whole.
local whole = string.format and table.concat and pairs and _G.json and getmetatable("").__index == string

return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    if not whole or not (string.format and table.concat and json) then return "another request saw it" end
    local keep = setmetatable
    for name in pairs(string) do string[name] = nil end
    for name in pairs(table) do table[name] = nil end
    getmetatable("").__index = function() return "stolen" end
    for name in next, _G do if name ~= "_G" then _G[name] = nil end end
    keep(_G, { __index = function() return "stolen" end, __newindex = function() end })
    return "held"
  end,
}
