-- expect: ok held
-- A host call in a closing method that coroutine.close runs.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local c = coroutine.create(function()
      local guard <close> = setmetatable({}, { __close = function() env.KV:get("x") end })
      coroutine.yield()
    end)
    coroutine.resume(c)
    local ok, message = coroutine.close(c)
    return not ok and message:find("can't be called here", 1, true) and "held" or tostring(message)
  end,
}
