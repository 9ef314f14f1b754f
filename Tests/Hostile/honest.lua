-- The honest worker, asked while the others do harm: what it answers shows that nothing of theirs reached it.
local count = 0
local functions = { string.format, table.concat, ipairs, json.encode, getmetatable("").__index }

return {
  kv = { "HONEST" },
  fetch = function(request, env)
    count = count + 1
    env.HONEST:put("secret", "kept", { if_absent = true })
    local parts = { count, request.query.n, env.HONEST:get("secret"), #functions, ("%s"):format(#_G.math.type(1)) }
    for _, name in ipairs { "KEPT", "stolen", "source", "kept" } do parts[#parts + 1] = tostring(rawget(_G, name)) end
    return table.concat(parts, " ")
  end,
}
