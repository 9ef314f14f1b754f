-- expect: exceeded_memory
-- A chain of metatables without end.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = {}
    while true do t = setmetatable({}, { __index = t }) end
  end,
}
