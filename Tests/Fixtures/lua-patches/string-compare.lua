-- Patch 0009: the order of strings with NULs in them and of different lengths is the order of their bytes. The system's
-- archive agrees as long as the locale is "C".
local ordered = { "", "\0", "\0\0", "\0a", "A", "A\0", "A\0\0", "A\0b", "AA", "Z", "a", "aa", "b", "\x7f", "\x80", "\xff", "\xff\0" }
for i, left in ipairs(ordered) do
  for j, right in ipairs(ordered) do
    assert((left < right) == (i < j) and (left <= right) == (i <= j) and (left == right) == (i == j))
  end
end
local long = ("x"):rep(100000)
assert(long < long .. "\0" and long .. "\0" > long and long <= long and not (long < long))
assert(long .. "a" < long .. "b" and long .. "\xff" > long .. "b")
