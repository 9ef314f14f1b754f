-- expect: exceeded_cpu
-- pcall of error itself, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do pcall(error) end
  end,
}
