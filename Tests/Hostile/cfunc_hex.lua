-- expect: exceeded_cpu
-- Encodes and decodes a megabyte for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = ("x"):rep(1000000)
    while true do hex.decode(hex.encode(text)) end
  end,
}
