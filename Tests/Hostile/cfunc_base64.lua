-- expect: exceeded_cpu
-- Encodes and decodes two megabytes for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = ("x"):rep(1000000)
    while true do base64.decode(base64.encode(text)) end
  end,
}
