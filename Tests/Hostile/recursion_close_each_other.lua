-- expect: vm_fault|exception|exceeded_memory|exceeded_cpu|ok
-- Closing one coroutine closes the next.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local last
    for _ = 1, 20000 do
      local inner = last
      last = coroutine.create(function()
        local guard <close> = setmetatable({}, { __close = function() if inner then coroutine.close(inner) end end })
        coroutine.yield()
      end)
      coroutine.resume(last)
    end
    return tostring(coroutine.close(last))
  end,
}
