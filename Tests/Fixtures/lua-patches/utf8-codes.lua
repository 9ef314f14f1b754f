-- Patch 0010: utf8.codes raises an error for continuation bytes that belong to no character. The system's archive skips
-- them: an error of this script.
local function walk(text, lax)
  return pcall(function()
    local count = 0
    for _ in utf8.codes(text, lax) do count = count + 1 end
    return count
  end)
end

for _, text in ipairs { "\x80", "\x80c", "ab\x80c", "ab\x80", "\u{20ac}\x80", "\u{20ac}\xbf!" } do
  assert(not walk(text), ("%q"):format(text))
  assert(not walk(text, true), ("%q"):format(text))
end
local ok, count = walk("a\u{e9}\u{20ac}\u{10ffff}")
assert(ok and count == 4)
ok, count = walk("")
assert(ok and count == 0)
ok, count = walk("\u{7fffffff}", true)
assert(ok and count == 1)
