-- expect: exceeded_cpu
-- %q of a large string, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = ("\0\n\r\"\\1"):rep(200000)
    while true do string.format("%q", text) end
  end,
}
