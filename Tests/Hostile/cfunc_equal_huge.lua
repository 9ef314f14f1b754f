-- expect: exceeded_cpu
-- Compares large equal strings that are different objects.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local a, b = ("x"):rep(3000000), ("x"):rep(3000000)
    while a == b do end
  end,
}
