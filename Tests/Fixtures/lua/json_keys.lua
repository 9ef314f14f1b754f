-- json.decode keeps the keys it has seen: keys that look alike must stay different, and equal ones the same.

local seed = 7
local state = seed
local function below(limit)
  state = state * 6364136223846793005 + 1442695040888963407
  return (state >> 33) % limit
end

local function quoted(key)
  return json.encode(key)
end

-- Decodes an array of objects with these keys, twice each in another order; every value tells its key.
local function check(keys)
  local forwards, backwards, distinct = {}, {}, {}
  for i, key in ipairs(keys) do
    distinct[key] = i
    forwards[i] = quoted(key) .. ":" .. i
  end
  for i = #keys, 1, -1 do
    if distinct[keys[i]] == i then backwards[#backwards + 1] = quoted(keys[i]) .. " : " .. i end
  end
  local one, other = "{" .. table.concat(forwards, ",") .. "}", "{" .. table.concat(backwards, ",") .. "}"
  local list = json.decode("[" .. table.concat({ one, other, one, other }, ",") .. "]")
  assert(#list == 4)
  for _, object in ipairs(list) do
    local count = 0
    for key, value in pairs(object) do
      count = count + 1
      assert(distinct[key] == value, ("%q is %s, not %s"):format(key, value, distinct[key]))
    end
    for _ in pairs(distinct) do count = count - 1 end
    assert(count == 0, "keys are missing in " .. one)
  end
end

-- The same length, first, middle and last byte: the same place.
check({ "aXbYc", "aZbWc", "aXbWc", "aZbYc", "aXbYc" })
check({ "a", "b", "", "aa", "ab", "ba", "bb", "abc", "acc", "abb", "" })
check({ "a\0b", "a\0c", "a\1b", "\0", "\0\0", "a", "a\0" })
check({ "name", "name2", "nam", "Name", "na\u{6D}e", "n\u{E4}me", "n\u{E5}me", "na\"me", "na\\me", "na\nme" })

-- Around the widths of words and vectors: every byte counts.
for length = 1, 70 do
  local base = ("k"):rep(length)
  local keys = { base }
  for place = 1, length do keys[#keys + 1] = base:sub(1, place - 1) .. "x" .. base:sub(place + 1) end
  check(keys)
end

-- An escaped key equals its plain form, and the last one wins, wherever it stands.
for _, text in ipairs({
  [[{"key":1,"k\u0065y":2}]], [[{"k\u0065y":1,"key":2}]], [[{"key":0,"other":1,"key":1,"k\u0065y":2}]],
  [[{"key":1,"key":2}]], [[{"key":0,"a":0,"key":1,"b":0,"key":2,"c":0}]],
}) do
  assert(json.decode(text).key == 2, text)
  assert(json.decode("[" .. text .. "," .. text .. "]")[2].key == 2, text)
end
assert(json.decode([[{"":1,"":2}]])[""] == 2)
do
  -- Equal keys with others between that take their place.
  local members = {}
  for i = 1, 25 do
    members[#members + 1] = '"key":' .. i
    members[#members + 1] = ('"k%dy":0'):format(i)
  end
  assert(json.decode("{" .. table.concat(members, ",") .. "}").key == 25)
end

-- A key inside of its own object's value, and objects around the size that waits on the stack.
local nested = json.decode([[{"a":{"a":{"a":1,"b":2},"b":3},"b":4}]])
assert(nested.a.a.a == 1 and nested.a.a.b == 2 and nested.a.b == 3 and nested.b == 4)
for count = 28, 36 do
  local keys = {}
  for i = 1, count do keys[i] = "key" .. i end
  check(keys)
end

-- Keys by chance, of few letters so that many are equal.
for _ = 1, 300 do
  local keys = {}
  for i = 1, 1 + below(40) do
    local letters = {}
    for j = 1, below(4) do letters[j] = ("ab\0\n"):sub(1 + below(4)):sub(1, 1) end
    keys[i] = table.concat(letters)
  end
  check(keys)
end
