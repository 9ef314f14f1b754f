-- expect: exceeded_memory
-- Encodes what it has encoded, for ever.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = "x"
    while true do text = base64.encode(text) end
  end,
}
