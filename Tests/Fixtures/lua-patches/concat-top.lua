-- Patch 0001: a __concat metamethod that grows the stack. The system's archive reads freed memory: a fault, or a wrong
-- result.
local function deep(n)
  if n == 0 then return 0 end
  return 1 + deep(n - 1)
end

for round = 1, 50 do
  local result = coroutine.wrap(function()
    local value = setmetatable({}, {
      __concat = function(left, right)
        deep(100 * round)
        return "<" .. (type(left) == "string" and left or "v") .. (type(right) == "string" and right or "v") .. ">"
      end,
    })
    return "a" .. "b" .. value .. "c" .. "d" .. value .. "e"
  end)()
  assert(result == "ab<vcd<ve>>", result)
end
