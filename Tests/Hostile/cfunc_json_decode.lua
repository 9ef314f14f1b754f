-- expect: exceeded_cpu
-- Decodes a large list for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = "[" .. ("1,"):rep(20000) .. "1]"
    while true do json.decode(text) end
  end,
}
