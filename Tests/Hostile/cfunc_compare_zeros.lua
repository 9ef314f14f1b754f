-- expect: exceeded_cpu
-- Compares strings of zeros, which strcoll takes piece by piece.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local base = ("\0"):rep(3000000)
    local a, b = base .. "a", base .. "b"
    while a < b do end
  end,
}
