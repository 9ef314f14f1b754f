-- expect: ok held
-- Host functions as coroutines of their own.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local value = coroutine.wrap(env.KV.get)(env.KV, "no such key")
    coroutine.wrap(sleep)(0)
    local ok = pcall(coroutine.wrap(sleep), "x")
    return value == nil and not ok and "held" or "failed"
  end,
}
