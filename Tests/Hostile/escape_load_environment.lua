-- expect: ok held
-- A chunk sees the environment it is given and no more.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    if load("return _G", "n", "t", {})() ~= nil then return "_G" end
    if load("return string", "n", "t", {})() ~= nil then return "string" end
    local f = load("x = 1 return _ENV", "n", "t", { y = 2 })
    local e = f()
    if e.y ~= 2 or e.x ~= 1 or x ~= nil then return "environment" end
    return "held"
  end,
}
