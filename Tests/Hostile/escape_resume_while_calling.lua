-- expect: ok held
-- A coroutine that waits for the host can't be resumed by its child.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local outer
    outer = coroutine.create(function()
      local inner = coroutine.wrap(function()
        env.KV:get("x")
        return coroutine.resume(outer)
      end)
      return inner()
    end)
    local ok, resumed = coroutine.resume(outer)
    return ok and not resumed and "held" or "resumed"
  end,
}
