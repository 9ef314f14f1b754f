-- expect: vm_fault|exception|exceeded_memory|exceeded_cpu|ok
-- A closing method starts and closes another.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function nest(n)
      local c = coroutine.create(function()
        local guard <close> = setmetatable({}, { __close = function() if n > 0 then nest(n - 1) end end })
        coroutine.yield()
      end)
      coroutine.resume(c)
      coroutine.close(c)
    end
    nest(100000)
    return "came back"
  end,
}
