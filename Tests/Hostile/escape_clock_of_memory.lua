-- expect: ok held
-- The collector can't be steered: no clock can be made of it.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _, option in ipairs { "collect", "step", "stop", "restart", "incremental", "generational", "isrunning" } do
      if pcall(collectgarbage, option) then return option end
    end
    return "held"
  end,
}
