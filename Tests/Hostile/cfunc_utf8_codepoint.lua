-- expect: exceeded_cpu|exceeded_memory
-- All code points of a large string at once, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = ("x"):rep(900000)
    while true do pcall(utf8.codepoint, text, 1, -1) end
  end,
}
