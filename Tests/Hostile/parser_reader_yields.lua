-- expect: ok held
-- A reader can't call the host or yield: C lies between.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local f, message = load(function() return env.KV:get("x") end)
    local g, other = load(coroutine.wrap(function() coroutine.yield("return ") coroutine.yield("7") end))
    local refused = not f and message:find("can't be called here", 1, true)
    return refused and g() == 7 and not other and "held" or tostring(message)
  end,
}
