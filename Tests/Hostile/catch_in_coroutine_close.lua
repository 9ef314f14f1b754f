-- expect: exceeded_cpu
-- coroutine.close runs a closing method that loops.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local c = coroutine.create(function()
      local guard <close> = setmetatable({}, { __close = function() while true do end end })
      coroutine.yield()
    end)
    coroutine.resume(c)
    coroutine.close(c)
  end,
}
