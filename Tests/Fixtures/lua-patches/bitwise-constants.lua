-- Patch 0007: bit operations in a function of more than 256 constants. The system's archive makes wrong code: an error
-- of this script.
local lines = { "local x, y, f = ... local t = {" }
for i = 1, 300 do lines[#lines + 1] = ("0x%x,"):format(100000 + i) end
lines[#lines + 1] = "}\nreturn "
local operands = { "x", "(x or y)", "(x and y)", "(f and x or y)", "(f or y)", "f or x" }
local operations = { "&", "|", "~" }
local expressions, expected = {}, {}
local values = { x = 0xff00ff00, y = 0x1234, f = false }
local constant = 0x7f0f0f00
for _, operand in ipairs(operands) do
  for _, operation in ipairs(operations) do
    constant = constant + 1
    expressions[#expressions + 1] = ("%d %s (%s)"):format(constant, operation, operand)
    expressions[#expressions + 1] = ("(%s) %s %d"):format(operand, operation, constant)
    -- The same with the constant in a variable, in a function of few constants.
    local plain = ("local x, y, f, k = ... return k %s (%s)"):format(operation, operand)
    local value = load(plain)(values.x, values.y, values.f, constant)
    expected[#expected + 1] = value
    expected[#expected + 1] = value
  end
end
lines[#lines + 1] = table.concat(expressions, ",\n")

local results = { assert(load(table.concat(lines)))(values.x, values.y, values.f) }
assert(#results == #expected)
for i, value in ipairs(expected) do
  assert(results[i] == value, expressions[i])
end
