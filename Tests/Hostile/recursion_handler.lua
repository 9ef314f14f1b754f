-- expect: exception|exceeded_memory|exceeded_cpu
-- A message handler that fails inside its own xpcall.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function handler() return xpcall(error, handler) end
    local _ = { handler() }
    error("came back")
  end,
}
