-- expect: exceeded_cpu
-- Compares strings of megabytes that differ in their last byte.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local base = ("x"):rep(3000000)
    local a, b = base .. "a", base .. "b"
    while a < b do end
  end,
}
