-- expect: exceeded_cpu
-- A reader that never ends, of blanks.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return load(function() return " " end)
  end,
}
