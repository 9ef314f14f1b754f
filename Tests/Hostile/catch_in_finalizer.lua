-- expect: ok held
-- Finalizers are ignored: a __gc that loops never runs.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local mt = { __gc = function() while true do end end }
    for _ = 1, 10000 do setmetatable({}, mt) end
    return "held"
  end,
}
