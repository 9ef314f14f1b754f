-- expect: exceeded_cpu
-- Turns a large string round for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = ("x"):rep(2000000)
    while true do text = text:reverse():upper():lower() end
  end,
}
