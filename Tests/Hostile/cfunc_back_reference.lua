-- expect: exceeded_cpu
-- A back reference that is compared at every place.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return string.find(("a"):rep(200000), "(a*)b?%1c")
  end,
}
