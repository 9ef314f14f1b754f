-- Patch 0005: a coroutine that yielded inside of xpcall is closed, and both closing variables raise errors. The system's
-- archive calls what has come to lie in the message handler's place: "error in error handling".
local handled = 0
local one = coroutine.create(function()
  local outer <close> = setmetatable({}, { __close = function() error("outer", 0) end })
  xpcall(function()
    local inner <close> = setmetatable({}, { __close = function() error("inner", 0) end })
    coroutine.yield(outer, inner)
  end, function(message)
    handled = handled + 1
    return message
  end)
end)

coroutine.resume(one)
local ok, message = coroutine.close(one)
assert(not ok and message == "outer", message)
assert(handled == 0)
