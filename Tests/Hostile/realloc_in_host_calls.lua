-- expect: ok right
-- Host calls out of a stack that moves between the call and its reply.
return {
  limits = { cpu_ms = 2000, memory_mb = 64 },
  fetch = function(request, env, ctx)
    local function deep(n) if n == 0 then return env.KV:get("no such key") == nil end return (deep(n - 1)) end
    for n = 1, 4000, 400 do
      if not coroutine.wrap(deep)(n) then return "wrong" end
    end
    return "right"
  end,
}
