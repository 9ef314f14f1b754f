-- expect: exceeded_cpu
-- Compiles and runs a chunk for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do load("return 1")() end
  end,
}
