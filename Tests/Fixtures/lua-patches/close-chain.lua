-- Patch 0003: each of many coroutines closes the one before it. The system's archive uses up the C stack: a fault.
local last
for _ = 1, 20000 do
  local inner = last
  last = coroutine.create(function()
    local guard <close> = setmetatable({}, {
      __close = function()
        if inner then assert(coroutine.close(inner)) end
      end,
    })
    coroutine.yield(guard)
  end)
  coroutine.resume(last)
end

local ok, message = coroutine.close(last)
assert(not ok and tostring(message):find("C stack overflow", 1, true), message)

-- What is closed one after the other needs no depth.
local closed = 0
for _ = 1, 1000 do
  local one = coroutine.create(function()
    local guard <close> = setmetatable({}, { __close = function() closed = closed + 1 end })
    coroutine.yield(guard)
  end)
  coroutine.resume(one)
  assert(coroutine.close(one))
end
assert(closed == 1000)
