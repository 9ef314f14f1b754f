-- expect: exceeded_cpu|exceeded_memory
-- Splits a query of many names for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = ("a=b&c&%41=%42&"):rep(300)
    while true do url.query(text) end
  end,
}
