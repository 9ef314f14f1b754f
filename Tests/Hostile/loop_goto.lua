-- expect: exceeded_cpu
-- A loop of one jump, without any call or condition.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    ::top::
    goto top
  end,
}
