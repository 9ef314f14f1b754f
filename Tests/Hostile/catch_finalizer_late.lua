-- expect: exceeded_memory
-- A __gc added after setmetatable is ignored too, also under memory pressure.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local mt = {}
    local kept = {}
    local t = setmetatable({}, mt)
    mt.__gc = function() kept = {} end
    setmetatable(t, mt)
    t = nil
    while true do kept[#kept + 1] = { 1 } end
  end,
}
