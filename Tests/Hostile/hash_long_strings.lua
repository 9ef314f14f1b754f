-- expect: exceeded_cpu|exceeded_memory
-- Each new key is a string of a megabyte, which must be hashed.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local base = ("x"):rep(1000000)
    local t = {}
    for i = 1, 1e9 do t[base .. i] = nil local _ = t[base .. i] end
  end,
}
