-- expect: exceeded_cpu|exceeded_memory
-- Escapes a text of nothing but ampersands for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = ("&<>\"'"):rep(50000)
    while true do html.escape(text) end
  end,
}
