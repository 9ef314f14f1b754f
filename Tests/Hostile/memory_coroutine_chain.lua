-- expect: exceeded_memory
-- Each coroutine resumes a new one.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function deeper() return coroutine.wrap(deeper)() end
    return deeper()
  end,
}
