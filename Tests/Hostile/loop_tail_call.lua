-- expect: exceeded_cpu
-- Endless tail calls: the stack never grows.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function again() return again() end
    return again()
  end,
}
