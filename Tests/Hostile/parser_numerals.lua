-- expect: exception|exceeded_cpu
-- A numeral of a megabyte.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load("return 0x" .. ("f"):rep(1000000) .. "p99999999999q"))
  end,
}
