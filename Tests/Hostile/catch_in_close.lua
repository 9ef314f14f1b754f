-- expect: exceeded_cpu
-- A to-be-closed variable that loops when it is closed.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local guard <close> = setmetatable({}, { __close = function() while true do end end })
    return "left"
  end,
}
