-- math.random: Lua's semantics, its sequences for a seed, its errors.

local function fails(part, ...)
  local ok, message = pcall(math.random, ...)
  assert(not ok and message:find(part, 1, true), message)
end

-- The numbers that stock Lua 5.4 gives for these seeds.
for _, case in ipairs({
  { 0, 0, all = 4554719557422691265, die = 1, wide = 759608683, float = 0x1.2c45024234f65p-1 },
  { 42, 0, all = -1276290044721465627, die = 2, wide = 598768395, float = 0x1.965157f81204bp-1 },
  { -1, 0, all = -6532212821526904015, die = 4, wide = 109824567, float = 0x1.ef1e6409f9c64p-2 },
  { 1234567, 89, all = -1719782664873779788, die = 4, wide = 368285860, float = 0x1.f11f62cae2241p-1 },
  { math.maxinteger, math.mininteger, all = -2791550165717155446, die = 2, wide = 248464885,
  float = 0x1.0a8d2832d2f2ep-1 },
}) do
  math.randomseed(case[1], case[2])
  assert(math.random(0) == case.all)
  assert(math.random(6) == case.die)
  assert(math.random(-1000000, 1000000007) == case.wide)
  assert(math.random() == case.float)
end

-- The same seed, the same numbers; another seed, others.
local function draw(...)
  math.randomseed(...)
  local drawn = {}
  for i = 1, 8 do
    drawn[i] = math.random(0)
  end
  return table.concat(drawn, ",")
end
assert(draw(7) == draw(7) and draw(7) == draw(7, 0) and draw(7) ~= draw(8) and draw(7, 1) ~= draw(7, 2))
assert(draw(7.0) == draw(7))
assert(draw() ~= draw(), "without a seed it is a new one")
local first, second = math.randomseed(7, 9)
assert(first == 7 and second == 9)
first, second = math.randomseed()
local again = math.random(0)
math.randomseed(first, second)
assert(math.random(0) == again, "what randomseed returns seeds the same again")
assert(not pcall(math.randomseed, "x") and not pcall(math.randomseed, {}) and not pcall(math.randomseed, nil))

-- Ranges.
for _ = 1, 1000 do
  local float = math.random()
  assert(math.type(float) == "float" and float >= 0 and float < 1)
  local die = math.random(6)
  assert(math.type(die) == "integer" and die >= 1 and die <= 6)
  local both = math.random(-3, 3)
  assert(both >= -3 and both <= 3)
  assert(math.random(5, 5) == 5 and math.random(1) == 1)
  assert(math.random(math.mininteger, math.maxinteger))
  local wide = math.random(math.mininteger, 0)
  assert(wide <= 0)
  assert(math.random(math.maxinteger - 1, math.maxinteger) >= math.maxinteger - 1)
end

-- All values come, about equally often.
math.randomseed(11)
local counts = { 0, 0, 0, 0, 0, 0 }
for _ = 1, 60000 do
  local die = math.random(6)
  counts[die] = counts[die] + 1
end
for _, count in ipairs(counts) do
  assert(count > 9500 and count < 10500, count)
end

fails("interval is empty", 0, -1)
fails("interval is empty", -1)
fails("interval is empty", 2, 1)
fails("interval is empty", math.maxinteger, math.mininteger)
fails("wrong number of arguments", 1, 2, 3)
fails("number has no integer representation", 1.5)
fails("number has no integer representation", 1, 2.5)
fails("number expected", "x")
fails("number expected", 1, {})
assert(math.random(3.0) <= 3)
