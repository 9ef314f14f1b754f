-- expect: exceeded_memory
-- A closing method would free everything and go on.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local kept = {}
    pcall(function()
      local guard <close> = setmetatable({}, { __close = function() kept = nil end })
      while true do kept[#kept + 1] = ("x"):rep(1000) .. #kept end
    end)
    return "went on"
  end,
}
