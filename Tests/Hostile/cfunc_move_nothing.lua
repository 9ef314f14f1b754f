-- expect: exceeded_cpu
-- table.move of nil a thousand billion times.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    table.move({}, 1, 1 << 40, 2)
  end,
}
