-- expect: exceeded_memory
-- The message handler would free everything and go on.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local kept = {}
    xpcall(function() while true do kept[#kept + 1] = ("x"):rep(1000) .. #kept end end, function() kept = nil end)
    return "went on"
  end,
}
