-- json.encode: shapes, numbers, strings, errors with a path, round trips.

local function gives(value, expected, options)
  local text = json.encode(value, options)
  assert(text == expected, ("expected %q, got %q"):format(expected, text))
end

local function fails(value, ...)
  local ok, message = pcall(json.encode, value)
  assert(not ok, "encoded: " .. tostring(message))
  for _, part in ipairs({ ... }) do
    assert(message:find(part, 1, true), ("expected %q in %q"):format(part, message))
  end
end

-- Scalars.
gives(true, "true")
gives(false, "false")
gives(json.null, "null")
gives("", '""')
fails(nil, "json.null")
assert(not pcall(json.encode))
assert(not pcall(json.encode, 1, 2))

-- Numbers.
for _, case in ipairs({
  { 0, "0" }, { -1, "-1" }, { 42, "42" }, { math.maxinteger, "9223372036854775807" },
  { math.mininteger, "-9223372036854775808" }, { 3.0, "3.0" }, { -3.0, "-3.0" }, { 0.0, "0.0" }, { -0.0, "-0.0" },
  { 0.5, "0.5" }, { -0.25, "-0.25" }, { 19.99, "19.99" }, { 0.1, "0.1" }, { 0.001, "0.001" }, { 1e-05, "1e-05" },
  { 123456.789, "123456.789" }, { 0.1 + 0.2, "0.30000000000000004" }, { 1 / 3, "0.3333333333333333" },
  { 1e300, "1e+300" }, { 1e14, "100000000000000.0" }, { 1e15, "1e+15" }, { 2 ^ 53, "9007199254740992.0" },
  { 2 ^ 63, "9.223372036854776e+18" }, { 5e-324, "4.94065645841247e-324" }, { 1.0000001, "1.0000001" },
  { 999999999999999.0, "999999999999999.0" }, { 1.7976931348623157e308, "1.7976931348623157e+308" },
  { 100.05, "100.05" }, { 1000000.000001, "1000000.000001" }, { 0.000123, "0.000123" },
}) do
  gives(case[1], case[2])
  local back = json.decode(case[2])
  assert(back == case[1] and math.type(back) == math.type(case[1]), case[2])
end
fails(0 / 0, "NaN")
fails(math.huge, "infinite")
fails({ a = { -math.huge } }, "infinite", "at .a[1]")

-- Exact numbers.
gives(json.number("123"), "123")
gives({ json.number("-1.10E+7") }, "[-1.10E+7]")
gives(json.decode("[123456789012345678901234567890]"), "[123456789012345678901234567890]")
for _, text in ipairs({ "", "-", "01", "1.", ".1", "1e", "0x1", " 1", "1 ", "1\0", "NaN", "1,2" }) do
  assert(not pcall(json.number, text), text)
end
assert(not pcall(json.number, 1) and not pcall(json.number, nil))
do
  local number = json.number("1")
  number[1] = "1,2"
  fails({ n = number }, "json.number", "at .n")
  number[1] = nil
  fails(number, "json.number")
end

-- Strings.
gives('"\\/\b\f\n\r\t\0\1\31\127', [["\"\\/\b\f\n\r\t\u0000\u0001\u001f]] .. '\127"')
gives("\v", [["\u000b"]])
gives("</script>", '"</script>"')
gives("\u{E9}\u{20AC}\u{1F600}", '"\u{E9}\u{20AC}\u{1F600}"')
for length = 0, 70 do
  local plain = ("x"):rep(length)
  gives(plain, '"' .. plain .. '"')
  gives(plain .. "\n" .. plain, '"' .. plain .. "\\n" .. plain .. '"')
  fails(plain .. "\xFF", "UTF-8")
end
for _, text in ipairs({ "\x80", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "a\xE2\x82", "\xFF" }) do
  fails({ name = text }, "not valid UTF-8", "at .name")
  fails({ [text] = 1 }, "not valid UTF-8")
end

-- Shapes.
gives({}, "{}")
gives(json.array({}), "[]")
gives(json.array(), "[]")
gives({ 1, 2, 3 }, "[1,2,3]")
gives({ a = 1 }, '{"a":1}')
gives({ { {} } }, "[[{}]]")
gives({ [1] = "a", [2] = "b" }, '["a","b"]')
gives(json.array({ 1, json.array() }), "[1,[]]")
gives({ json.null, false }, "[null,false]")
gives({ ["1"] = 1 }, '{"1":1}')
gives(setmetatable({ 1 }, { __index = error, __len = error, __pairs = error }), "[1]")
gives(json.decode("[[],{},[[]]]"), "[[],{},[[]]]")
do
  local backwards = {}
  for i = 100, 1, -1 do
    backwards[i] = i
  end
  assert(json.encode(backwards) == "[" .. table.concat(backwards, ",") .. "]")
  local emptied = { 1, 2, 3, x = 4 }
  emptied.x = nil
  gives(emptied, "[1,2,3]")
  emptied[3] = nil
  gives(emptied, "[1,2]")
  local array = json.array({ "a" })
  assert(json.array(array) == array)
  assert(not pcall(json.array, setmetatable({}, {})))
  assert(not pcall(json.array, 1))
end

-- Pretty: sorted keys, two spaces.
gives({ b = { 1, { c = {} } }, a = json.array(), aa = true }, [[{
  "a": [],
  "aa": true,
  "b": [
    1,
    {
      "c": {}
    }
  ]
}]], { pretty = true })
gives({ b = 1 }, '{"b":1}', { pretty = false })
do
  local object, keys = {}, {}
  for i = 1, 300 do
    local key = "k" .. (i * 7919 % 1000) .. ("-"):rep(i % 60)
    object[key] = i
    keys[i] = ('  "%s": %d'):format(key, i)
  end
  local expected = {}
  for key in pairs(object) do
    expected[#expected + 1] = key
  end
  table.sort(expected)
  for i, key in ipairs(expected) do
    expected[i] = ('  "%s": %d'):format(key, object[key])
  end
  gives(object, "{\n" .. table.concat(expected, ",\n") .. "\n}", { pretty = true })
end

-- What can't be encoded, and where it is.
local function nothing() end
fails(nothing, "cannot encode a function", "(at the top)")
fails({ items = { 1, 2, { cb = nothing } } }, "cannot encode a function (at .items[3].cb)")
fails({ ["a b"] = { x = select(2, pcall(error, nothing)) } }, 'at ["a b"].x')
fails({ [("k"):rep(100)] = nothing }, "cannot encode a function")
fails({ 1, 2, nil, 4 }, "[4] is there", "[3] is missing")
fails({ [2] = 1 }, "[2] is there", "[1] is missing")
fails({ a = { 1, 2, name = 3 } }, "string key", "at .a.name")
fails({ [0] = 1 }, "integer key 0", "json.array or string keys")
fails({ [-5] = 1 }, "integer key -5")
fails({ [1.5] = 1 }, "number key")
fails({ x = { [true] = 1 } }, "a boolean key", "at .x")
fails({ a = 1, [7] = 2 })
fails({ [{}] = 1 }, "a table key")
fails(json.array({ a = 1 }), "string key")
fails(json.array({ nil, 2 }), "missing")
for _, pretty in ipairs({ true, false }) do
  for _, value in ipairs({ { a = 1, [{}] = 2 }, { a = nothing }, { 1, a = 2 } }) do
    assert(not pcall(json.encode, value, { pretty = pretty }))
  end
end

-- Depth and cycles.
local function nest(depth)
  local value = {}
  for _ = 2, depth do
    value = { value }
  end
  return value
end
gives(nest(128), ("["):rep(127) .. "{}" .. ("]"):rep(127))
fails(nest(129), "deeper than 128")
do
  local loop = {}
  loop.a = { b = loop }
  fails(loop, "contains itself, a cycle (at .a.b)")
  local list = { 1 }
  list[2] = list
  fails({ x = list }, "a cycle (at .x[2])")
  local shared = { 1 }
  gives({ shared, shared }, "[[1],[1]]")
end

-- Round trips of seeded values.
local seed = 20240607
local state = seed
local function below(limit)
  state = (state * 6364136223846793005 + 1442695040888963407)
  return (state >> 33) % limit
end
local function text()
  local parts = {}
  for i = 1, below(30) do
    local range = ({ 0x80, 0x20, 0x800, 0xD800, 0x10FFFF - 0xE000 })[below(5) + 1]
    parts[i] = utf8.char(range > 0xD800 and 0xE000 + below(range) or below(range))
  end
  return table.concat(parts)
end
local function value(depth)
  local kind = below(depth > 5 and 5 or 8)
  if kind == 0 then
    return text()
  elseif kind == 1 then
    return (below(1 << 31) << 33 | below(1 << 31) << 2 | below(4)) >> below(64)
  elseif kind == 2 then
    local bits = below(1 << 31) << 33 | below(1 << 31) << 2 | below(4)
    local float = string.unpack("<d", string.pack("<i8", bits))
    return float - float == 0 and float or 0.5
  elseif kind == 3 then
    return (below(2000001) - 1000000) / ({ 1, 10, 100, 1000, 3 })[below(5) + 1]
  elseif kind == 4 then
    return ({ true, false, json.null })[below(3) + 1]
  end
  local container = kind == 5 and {} or json.array()
  for i = 1, below(12) do
    container[kind == 5 and text() or i] = value(depth + 1)
  end
  return container
end
local function same(a, b)
  if type(a) ~= "table" then
    return a == b and math.type(a) == math.type(b)
  end
  for key, element in pairs(a) do
    if not same(element, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end
for round = 1, 400 do
  local original = value(0)
  local compact = json.encode(original)
  local pretty = json.encode(original, { pretty = true })
  local place = ("seed %d, round %d: %s"):format(seed, round, compact)
  assert(same(original, json.decode(compact)), place)
  assert(same(original, json.decode(pretty)), place)
  assert(json.encode(json.decode(pretty), { pretty = true }) == pretty, place)
end
