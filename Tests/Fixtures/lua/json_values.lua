-- json.decode keeps the short values it has seen: values that look alike must stay different, and equal ones the same.

local seed = 11
local state = seed
local function below(limit)
  state = state * 6364136223846793005 + 1442695040888963407
  return (state >> 33) % limit
end

-- Decodes these texts as an array, as the members of an object, and each as an object's key and value.
local function check(texts)
  local values, members, same = {}, {}, {}
  for i, text in ipairs(texts) do
    local quoted = json.encode(text)
    values[i] = quoted
    members[i] = ('"m%d":%s'):format(i, quoted)
    same[i] = ("{%s:%s}"):format(quoted, quoted)
  end
  local list = json.decode("[" .. table.concat(values, " , ") .. "]")
  local object = json.decode("{" .. table.concat(members, ",") .. "}")
  local pairs_of = json.decode("[" .. table.concat(same, ",") .. "]")
  for i, text in ipairs(texts) do
    assert(list[i] == text, ("%d is %q, not %q"):format(i, list[i], text))
    assert(object["m" .. i] == text)
    assert(pairs_of[i][text] == text)
  end
end

-- The same length, first, middle and last byte: the same place.
check({ "aXbYc", "aZbWc", "aXbWc", "aZbYc", "aXbYc", "aXbYc" })
check({ "", "a", "", "a", "aa", "ab", "ba", "aa", "", "b", "abc", "acc", "abc" })
-- Around the longest that is kept, with escapes, beyond ASCII.
for length = 38, 43 do
  local long = ("x"):rep(length)
  check({ long, long, long:sub(2) .. "y", long, "y" .. long:sub(2), long })
end
check({ 'say "a"', "say a", 'say "a"', "tab\t", "tab", "tab\t", "é", "è", "é", "\u{1F600}", "é" })

-- Many in a row that do not come again, then some that do.
local texts = {}
for i = 1, 200 do texts[i] = "only " .. i end
for i = 201, 260 do texts[i] = "often " .. i % 3 end
check(texts)

for round = 1, 300 do
  texts = {}
  local letters, longest = 1 + below(4), 1 + below(12)
  for i = 1, below(80) do
    local text = {}
    for j = 1, below(longest) do text[j] = string.char(97 + below(letters)) end
    texts[i] = table.concat(text)
  end
  local ok, problem = pcall(check, texts)
  assert(ok, ("seed %d, round %d: %s"):format(seed, round, problem))
end
