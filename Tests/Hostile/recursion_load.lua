-- expect: exception|exceeded_memory|exceeded_cpu
-- A chunk that loads itself.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    source = "return load(source)() .. ''"
    return load(source)()
  end,
}
