-- expect: exceeded_cpu
-- Walks over continuation bytes for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = ("\x80"):rep(4000000)
    while true do pcall(utf8.offset, text, -2) utf8.offset(text, 0, #text) end
  end,
}
