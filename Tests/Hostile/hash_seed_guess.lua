-- expect: ok held
-- The order of pairs tells nothing that stays: strings hash by a seed of the image.
local count = 0

return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    count = count + 1
    local t = {}
    for i = 1, 100 do t["key" .. i] = i end
    local order = {}
    for k in pairs(t) do order[#order + 1] = k end
    return count == 1 and #order == 100 and "held" or "state was left"
  end,
}
