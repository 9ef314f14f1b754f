-- expect: exceeded_cpu
-- An endless repeat whose condition is a constant.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    repeat until false
  end,
}
