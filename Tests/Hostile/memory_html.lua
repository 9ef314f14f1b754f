-- expect: exceeded_memory
-- Escapes what it has escaped, for ever.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = "&"
    while true do text = html.escape(text .. text) end
  end,
}
