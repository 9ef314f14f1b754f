-- expect: exceeded_cpu
-- A generic for whose iterator never returns nil.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _ in function() return 1 end do end
  end,
}
