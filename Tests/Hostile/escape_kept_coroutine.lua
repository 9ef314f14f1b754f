-- expect: ok held
-- A coroutine that was left suspended in a host call is gone for the next request.
local kept

return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    if kept then return "another request's coroutine" end
    kept = coroutine.create(function()
      env.KV:get("x")
      coroutine.yield(request)
    end)
    coroutine.resume(kept)
    return coroutine.status(kept) == "suspended" and "held" or coroutine.status(kept)
  end,
}
