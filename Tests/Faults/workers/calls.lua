-- Host calls with large replies and with errors, from coroutines, protected calls and closing methods.
return {
  kv = { "HONEST" },
  fetch = function(request, env, ctx)
    return Response.stream(function(write)
      local value, _, version = env.HONEST:get_with_metadata("key")
      write(#value .. ":" .. version)
      local ok, problem = pcall(env.HONEST.delete, env.HONEST, "key")
      write(tostring(ok) .. problem)
      local produce = coroutine.wrap(function()
        for i = 1, 3 do coroutine.yield(#env.HONEST:get("key" .. i) + i) end
        error({ code = 7 })
      end)
      for _ = 1, 3 do write(tostring(produce())) end
      local failed, object = pcall(produce)
      write(tostring(failed) .. object.code)
      do
        local guard <close> = setmetatable({}, { __close = function(_, e) write("closed " .. tostring(e)) end })
        write(tostring(env.HONEST:increment("n", 1)))
      end
      local deep
      deep = function(n)
        if n == 0 then return env.HONEST:increment("n", 1) end
        return coroutine.wrap(function() return deep(n - 1) end)()
      end
      write(tostring(deep(12)))
      local waiting = {}
      for i = 1, 30 do
        waiting[i] = coroutine.create(function(a) local b = coroutine.yield(a + 1) return a * b end)
      end
      local sum = 0
      for i = 1, 30 do sum = sum + select(2, coroutine.resume(waiting[i], i)) end
      for i = 1, 30 do sum = sum + select(2, coroutine.resume(waiting[i], i)) end
      write(tostring(sum) .. coroutine.status(waiting[1]))
      ctx:wait_until(function() env.HONEST:put("later", { done = true }) end)
      write(tostring(pcall(function() return env.SECRET end)))
      write(("y"):rep(50000))
    end)
  end,
}
