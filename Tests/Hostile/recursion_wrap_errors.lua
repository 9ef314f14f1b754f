-- expect: exception|exceeded_memory|exceeded_cpu
-- An error crosses ten thousand coroutines.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function deep(n)
      if n == 0 then error("x") end
      coroutine.wrap(deep)(n - 1)
    end
    deep(2000)
  end,
}
