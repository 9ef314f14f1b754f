-- expect: exception|exceeded_memory|exceeded_cpu
-- A closing method opens the next variable.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function f()
      local guard <close> = setmetatable({}, { __close = f })
      return 1 + 1
    end
    f()
  end,
}
