-- expect: exceeded_cpu
-- Asks for the heap's size for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do collectgarbage("count") end
  end,
}
