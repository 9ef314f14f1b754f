-- expect: exceeded_cpu|exceeded_memory
-- Each task after the response adds another.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function task() ctx:wait_until(task) end
    ctx:wait_until(task)
    return "sent"
  end,
}
