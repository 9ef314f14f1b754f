-- json.decode: what is accepted and as what, what is rejected and where.

local function fails(text, ...)
  local ok, message = pcall(json.decode, text)
  assert(not ok, "accepted: " .. tostring(text))
  for _, part in ipairs({ ... }) do
    assert(message:find(part, 1, true), ("for %q expected %q in %q"):format(text, part, message))
  end
end

local function gives(text, expected)
  local value = json.decode(text)
  assert(math.type(value) == math.type(expected), text .. " has the wrong type")
  assert(value == expected, ("%s gave %s"):format(text, tostring(value)))
end

-- Scalars.
gives("true", true)
gives(" \t\r\n false ", false)
gives("null", json.null)
gives('""', "")
gives('"a"', "a")
assert(json.null == json.null and json.null ~= nil and tostring(json.null) == "null")
assert(json.decode("[null]")[1] == json.null)

-- Numbers.
gives("0", 0)
gives("-1", -1)
gives("9223372036854775807", math.maxinteger)
gives("-9223372036854775808", math.mininteger)
gives("999999999999999999", 999999999999999999)
gives("1.5", 1.5)
gives("-0.0", -0.0)
gives("1e3", 1000.0)
gives("1E+3", 1000.0)
gives("1e-3", 0.001)
gives("0e5", 0.0)
gives("0.1", 0.1)
gives("123456789012345678901.5", 123456789012345678901.5)
gives("0.00000000000000000000000000000000000001", 1e-38)
gives("2.2250738585072014e-308", 2.2250738585072014e-308)
gives("4.9e-324", 4.9e-324)
gives("1.7976931348623157e308", 1.7976931348623157e308)
gives("1e-400", 0.0)
gives("9007199254740993.0", 9007199254740992.0)
gives("8.5e22", 8.5e22)
gives("1e23", 1e23)
gives("0." .. ("0"):rep(300) .. "1e301", 1.0)
assert(1 / json.decode("-0") == -math.huge, "-0 keeps its sign")
for _, literal in ipairs({
  "9223372036854775808", "-9223372036854775809", "10000000000000000000", "18446744073709551616",
  ("9"):rep(400),
}) do
  local value = json.decode(literal)
  assert(type(value) == "table" and tostring(value) == literal, literal)
  assert(value == json.number(literal) and value ~= json.number("1"))
end
fails("1e400", "line 1, column 1", "too large")
fails("[-1e999]", "column 2")

-- Strings.
gives([["\"\\\/\b\f\n\r\t"]], '"\\/\b\f\n\r\t')
gives([["\u0041\u00e9\u20ac\ud83d\ude00"]], "A\u{E9}\u{20AC}\u{1F600}")
gives([["\u0000"]], "\0")
gives([["\uD834\uDD1E"]], "\u{1D11E}")
gives([["\uFFFF\uffff"]], "\u{FFFF}\u{FFFF}")
gives('"\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}"',
  "\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}")
gives('"\x7F"', "\x7F")
for length = 0, 70 do
  local plain = ("x"):rep(length)
  gives('"' .. plain .. '"', plain)
  gives('"' .. plain .. '\\n"', plain .. "\n")
  gives('"' .. plain .. '\u{E9}y"', plain .. "\u{E9}y")
  fails('"' .. plain .. '\1"', "column " .. (length + 2), "control character")
  fails('"' .. plain, "column 1", "not closed")
end
gives('"' .. ("\\u00e9"):rep(1000) .. '"', ("\u{E9}"):rep(1000))

-- Arrays and objects, beyond what waits on the stack too.
for _, count in ipairs({ 0, 1, 31, 32, 33, 64, 100, 1000 }) do
  local elements, members = {}, {}
  for i = 1, count do
    elements[i] = tostring(i)
    members[i] = ('"k%d":%d'):format(i, i)
  end
  local array = json.decode("[" .. table.concat(elements, ",") .. "]")
  local object = json.decode("{" .. table.concat(members, " , ") .. "}")
  assert(#array == count)
  local keys = 0
  for key, value in pairs(object) do
    keys = keys + 1
    assert(key == "k" .. value and array[value] == value)
  end
  assert(keys == count)
end
assert(json.decode('{"a":1,"b":2,"a":3}').a == 3, "the last of equal keys wins")
assert(json.decode('{"":{"":[{}]}}')[""][""][1] ~= nil)
assert(json.encode(json.decode("[[],{}]")) == "[[],{}]")
do
  local members = {}
  for i = 1, 40 do
    members[i] = '"same":' .. i
  end
  assert(json.decode("{" .. table.concat(members, ",") .. "}").same == 40)
end

-- Depth.
assert(json.decode(("["):rep(128) .. ("]"):rep(128)))
assert(json.decode(('{"a":'):rep(128) .. "1" .. ("}"):rep(128)))
fails(("["):rep(129) .. ("]"):rep(129), "line 1, column 129", "128")
fails(('{"a":'):rep(129) .. "1" .. ("}"):rep(129), "128")
fails(("["):rep(100000), "128")

-- Rejected, with the place and what was expected.
fails("", "line 1, column 1", "expected a value, found the end of the text")
fails("  ", "column 3")
fails("[1,\n  2,\n  x]", "line 3, column 3", "expected a value, found 'x'")
fails('{"\u{E9}\u{E9}" 1}', "column 7", "expected ':' after an object key, found '1'")
fails("[1 2]", "column 4", "',' or ']'")
fails('{"a":1 "b"}', "column 8", "',' or '}'")
fails("{a:1}", "a string as object key")
fails("[1]x", "column 4", "the end of the text")
fails("\xEF\xBB\xBF[]", "byte order mark")
fails("[\0]", "byte 0x00")
fails("[]\0", "byte 0x00")
fails('"\xFF"', "column 2", "invalid UTF-8")
for _, text in ipairs({
  -- structure
  "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1:2]", "[}", "{]", "[1}", '{"a":1]', '{"a"}',
  '{"a":}', '{"a":1,}', '{,"a":1}', '{"a":1,,"b":2}', "{1:1}", "{null:1}", "{'a':1}", '{"a":1 1}', '{"a",1}',
  '{"a"', '{"a":', '{"a":1', '{"a":1,', "[]]", "{}}", "[][]", "1 2", "[1]]", "/**/1", "1//", "# 1", "<null>",
  "[\u{2028}1]", "[\f1]", "[\v1]", "\u{A0}1", "[1\u{A0}]",
  -- words
  "nul", "nulll", "True", "TRUE", "truE", "fals", "undefined", "NaN", "-NaN", "Infinity", "-Infinity", "inf", "nan",
  "t",
  -- numbers
  "-", "+1", "01", "-01", "00", "1.", "-1.", ".5", "-.5", "1.e1", "1e", "1e+", "1e-", "1E", "1e1.5", "0x10", "0x",
  "1_000", "1,000", "--1", "1-", "0e", "2.e3", "1 000", "9.e+", "1ea", "-a", "1a", "1.2.3", "1eE2", "0.1.2", "\u{FF11}",
  "-foo", "0b1", "1f",
  -- strings
  '"', "'a'", '"a', '"\\', '"\\"', '"\\x41"', '"\\a"', '"\\0"', '"\\u"', '"\\u1"', '"\\u12"', '"\\u123"', '"\\u123g"',
  '"\\U0041"', '"\\u{41}"', '"\\\n"', '"a\nb"', '"\t"', '"\0"', '"\x1F"', '"\\\0"', '"\\\u{E9}"', "abc", '"a"b',
  '"\\ud800"', '"\\udc00"', '"\\ud800\\ud800"', '"\\ud800x"', '"\\ud800\\n"', '"\\udbff\\u0041"', '"\\ud800\\u"',
  '"\\ud800\\udc0"', '"\\ud800\\', '"\\ud800',
  -- UTF-8
  '"\x80"', '"\xC0\x80"', '"\xC1\xBF"', '"\xC3"', '"\xC3("', '"\xE0\x80\x80"', '"\xE2\x82"', '"\xE2("',
  '"\xED\xA0\x80"', '"\xED\xBF\xBF"', '"\xF0\x80\x80\x80"', '"\xF0\x9F\x98"', '"\xF4\x90\x80\x80"',
  '"\xF5\x80\x80\x80"', '"\xF8\x88\x80\x80\x80"', '"\xFE"', "\xC3\xA9", '"\xE2\x82', '"\xF0', '"\xF0\x9F\x98',
}) do
  fails(text, "line ")
end
for _, value in ipairs({ 12, true, {}, json.null }) do
  assert(not pcall(json.decode, value))
end
assert(not pcall(json.decode))

-- Every cut of a document is an error, and so is every cut of it with rubbish behind.
local document = [[{"a":[1,-2.5e3,"x\u00e9\n",true,null],"b":{"c":[]},"d":12345678901234567890}]]
assert(json.decode(document).d == json.number("12345678901234567890"))
for length = 0, #document - 1 do
  fails(document:sub(1, length), "json.decode: line 1, column ")
  fails(document:sub(1, length) .. "\1", "json.decode: line 1, column ")
end
