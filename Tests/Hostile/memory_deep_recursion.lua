-- expect: exceeded_memory|exception
-- A recursion that is no tail call: the stack grows to its end.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function deep(n) return 1 + deep(n + 1) end
    return deep(1)
  end,
}
