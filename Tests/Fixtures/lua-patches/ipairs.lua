-- Patch 0017: a loop over ipairs takes the elements of a list without a call. What it gives is what the call gives, which the
-- system's archive makes.
local function seen(...)
  local parts = {}
  for i, value in ... do parts[#parts + 1] = i .. "=" .. tostring(value) end
  return table.concat(parts, " ")
end

local list = { "a", false, 3, nil, 5 }
assert(seen(ipairs(list)) == "1=a 2=false 3=3")
assert(seen(ipairs({})) == "" and seen(ipairs({ [2] = 1 })) == "")
assert(seen(ipairs({ [1] = "hash", [3] = 1, [2] = "part" })) == "1=hash 2=part 3=1")

-- Elements that a metamethod gives, behind those that the table has, and instead of them.
local behind = setmetatable({ "own" }, { __index = function(_, i) if i <= 3 then return "given" end end })
assert(seen(ipairs(behind)) == "1=own 2=given 3=given")
assert(seen(ipairs(setmetatable({}, { __index = list }))) == "1=a 2=false 3=3")

-- What is no table.
local object = setmetatable({}, { __index = { "x" } })
assert(seen(ipairs(object)) == "1=x" and seen(ipairs("text")) == "")
assert(not pcall(seen, ipairs(7)))

-- Iterator, state and control variable by hand.
local step, state, start = ipairs(list)
assert(start == 0 and step(list, 0) == 1 and select("#", step(list, 3)) == 1)
assert(seen(step, state, 1) == "2=false 3=3" and seen(step, state, 2.0) == "3=3" and seen(step, state, "2") == "3=3")
assert(not pcall(seen, step, state, "no") and not pcall(seen, step, state, 1.5) and not pcall(seen, step, state))
assert(seen(step, { [math.mininteger] = "least" }, math.maxinteger) == math.mininteger .. "=least")

-- One value, and more than two.
local count = 0
for i in ipairs(list) do count = count + i end
assert(count == 6)
for i, value, more, another in ipairs({ "x", "y" }) do
  assert(({ "x", "y" })[i] == value and more == nil and another == nil)
end

-- The list changes while it is walked; a closure keeps the values of its turn.
local growing, walked = { 1 }, {}
for i, value in ipairs(growing) do
  if i < 100 then growing[i + 1] = value * 2 end
  walked[i] = function() return i, value end
end
assert(#walked == 100 and select(2, walked[10]()) == 512 and walked[100]() == 100)
local shrinking = { 1, 2, 3, 4 }
for i in ipairs(shrinking) do shrinking[i + 2] = nil end
assert(#shrinking == 2)

-- Across a coroutine, and with a value to be closed.
local yielded = {}
for value in coroutine.wrap(function()
  for _, element in ipairs({ {}, {}, {} }) do
    coroutine.yield(element)
  end
end) do yielded[#yielded + 1] = value end
assert(#yielded == 3 and yielded[1] ~= yielded[2])
local closed = false
local function closing()
  local iterate, values, first = ipairs({ 1, 2, 3 })
  return iterate, values, first, setmetatable({}, { __close = function() closed = true end })
end
for i in closing() do if i == 2 then break end end
assert(closed)
