-- expect: exceeded_cpu
-- An error runs the closing method, which loops.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    pcall(function()
      local guard <close> = setmetatable({}, { __close = function() while true do end end })
      error("out")
    end)
    return "caught"
  end,
}
