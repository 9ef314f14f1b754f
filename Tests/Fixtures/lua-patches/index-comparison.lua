-- Patch 0008: a comparison as the key of an upvalue. The system's archive makes wrong code: an error of this script.
local t = { [true] = "yes", [false] = "no" }

local function pick(a, b)
  return t[a < b], t[a <= b], t[a == b], t[a ~= b], t[not (a < b)], t[a < b and a ~= b]
end

local function put(a, b, value)
  t[a > b] = value
end

assert(table.concat({ pick(1, 2) }, " ") == "yes yes no yes no yes")
assert(table.concat({ pick(2, 2) }, " ") == "no yes yes no yes no")
put(2, 1, "put")
assert(t[true] == "put" and t[false] == "no")
put(1, 2, "put too")
assert(t[true] == "put" and t[false] == "put too")
