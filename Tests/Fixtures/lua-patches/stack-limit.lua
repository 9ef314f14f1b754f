-- Patch 0011: a runaway recursion is an error that a script can catch, within little memory. With the system's archive
-- the stack outgrows this limit: a kill.
-- memory_mb: 32
local function down()
  return 1 + down()
end

for _ = 1, 3 do
  local ok, message = pcall(down)
  assert(not ok and message:find("stack overflow", 1, true), message)
end
local ok, message = coroutine.resume(coroutine.create(down))
assert(not ok and message:find("stack overflow", 1, true), message)
ok, message = xpcall(down, function(text) return "handled: " .. text end)
assert(not ok and message:find("^handled: .*stack overflow"), message)

-- Up to a depth of tens of thousands there is none.
local function count(n)
  if n == 0 then return 0 end
  return 1 + count(n - 1)
end
assert(count(20000) == 20000)
assert(not pcall(table.unpack, {}, 1, 250000))
assert(select("#", table.unpack({}, 1, 100000)) == 100000)
