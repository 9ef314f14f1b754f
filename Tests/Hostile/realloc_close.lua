-- expect: ok right
-- A closing method that moves the stack while results are on it.
return {
  limits = { cpu_ms = 2000, memory_mb = 64 },
  fetch = function(request, env, ctx)
    local function grow(n) if n == 0 then return 0 end return n + grow(n - 1) end
    local function results()
      local guard <close> = setmetatable({}, { __close = function() grow(2000) end })
      return 1, 2, 3, 4, 5
    end
    for _ = 1, 10 do
      local list = coroutine.wrap(function() return { results() } end)()
      if table.concat(list) ~= "12345" then return "wrong" end
    end
    return "right"
  end,
}
