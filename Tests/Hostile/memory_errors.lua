-- expect: exceeded_memory
-- Error messages of a megabyte each, all kept.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local kept = {}
    while true do
      local _, message = pcall(error, ("x"):rep(1000000) .. #kept)
      kept[#kept + 1] = message
    end
  end,
}
