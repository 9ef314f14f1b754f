-- expect: ok held
-- The handler's own coroutine can't be resumed, closed or yielded from.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local main, is_main = coroutine.running()
    if not is_main or coroutine.isyieldable() then return "not the main one" end
    if coroutine.resume(main) or pcall(coroutine.close, main) or pcall(coroutine.yield) then return "moved" end
    local inner = coroutine.wrap(function()
      return coroutine.status(main), coroutine.resume(main), pcall(coroutine.close, main)
    end)
    local status, resumed, closed = inner()
    return status == "normal" and not resumed and not closed and "held" or status
  end,
}
