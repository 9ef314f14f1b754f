-- expect: ok held|exceeded_host_calls|exceeded_wall_time
-- Times that are none.
return {
  limits = { cpu_ms = 2000, memory_mb = 16, wall_ms = 2000 },
  fetch = function(request, env, ctx)
    for _, time in ipairs { -1, "1", {}, true, print, 0 / 0, -math.huge, math.mininteger, "x" } do
      if pcall(sleep, time) then return "slept " .. tostring(time) end
    end
    return pcall(sleep) and "slept" or "held"
  end,
}
