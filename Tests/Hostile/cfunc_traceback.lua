-- expect: exceeded_cpu
-- Tracebacks of a deep stack, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function deep(n)
      if n > 0 then return 1 + deep(n - 1) end
      while true do debug.traceback("x", 1) end
    end
    deep(10000)
  end,
}
