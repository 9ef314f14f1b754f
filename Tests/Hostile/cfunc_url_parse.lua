-- expect: exceeded_cpu
-- Parses a long address for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = "http://u:p@host:80/" .. ("../a/"):rep(20000) .. "?" .. ("x"):rep(20000)
    while true do pcall(url.parse, text) end
  end,
}
