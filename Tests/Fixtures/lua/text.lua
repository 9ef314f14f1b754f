-- tostring and string.format without addresses, and html.escape.

local function fails(part, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok and message:find(part, 1, true), ("expected %q in %q"):format(part, tostring(message)))
end

-- Plain values are as ever.
for _, case in ipairs({
  { nil, "nil" }, { true, "true" }, { false, "false" }, { 1, "1" }, { -7, "-7" }, { 1.0, "1.0" }, { 1e100, "1e+100" },
  { "x", "x" }, { "a\0b", "a\0b" }, { math.mininteger, "-9223372036854775808" }, { 0.1, "0.1" }, { "", "" },
  { math.huge, "inf" }, { -0.0, "-0.0" },
}) do
  assert(tostring(case[1]) == case[2], case[2])
  assert(string.format("%s", case[1]) == case[2], case[2])
end
fails("value expected", tostring)

-- Objects: a stable number each, distinct ones, the same through every door.
local pattern = "^%a+: 0x%x%x%x%x%x%x%x%x$"
local seen, kept = {}, {}
for i = 1, 2000 do
  kept[i] = i % 2 == 0 and {} or function() return i end
  local text = tostring(kept[i])
  assert(text:find(pattern), text)
  assert(text:find(i % 2 == 0 and "^table: " or "^function: "))
  assert(not seen[text:sub(-8)], "two objects with one number")
  seen[text:sub(-8)] = true
  assert(tostring(kept[i]) == text and string.format("%s", kept[i]) == text and ("%s"):format(kept[i]) == text)
end
assert(tostring(tostring):find("^function: 0x"))
assert(tostring(json.null) == "null" and ("%s"):format(json.null) == "null")

-- Metamethods.
local named = setmetatable({}, { __name = "cart" })
assert(tostring(named):find("^cart: 0x%x+$") and ("%s"):format(named) == tostring(named))
assert(tostring(setmetatable({}, { __name = 12 })):find("^table: 0x"))
local speaking = setmetatable({ 7 }, { __tostring = function(t) return "cart of " .. t[1] end })
assert(tostring(speaking) == "cart of 7" and ("<%s>"):format(speaking) == "<cart of 7>")
fails("'__tostring' must return a string", tostring, setmetatable({}, { __tostring = function() return {} end }))
fails("'__tostring' must return a string", string.format, "%s", setmetatable({}, { __tostring = function() end }))
fails("no text", tostring, setmetatable({}, { __tostring = function() error("no text") end }))

-- string.format: arguments stay in step, and the rest is Lua's own.
assert(string.format("%d%%%s|%5.1f|%-4s|%s", 1, {}, 2.25, "a", "z"):find("^1%%table: 0x%x+|  2%.2|a   |z$"))
assert(string.format("%s %s %s", 1, nil, true) == "1 nil true")
assert(string.format("%-20s|", named) == (tostring(named) .. (" "):rep(20)):sub(1, math.max(20,
  #tostring(named))) .. "|")
assert(string.format("%.5s", {}) == "table")
assert(string.format("%q", 'a"\n') == '"a\\"\\\n"')
assert(string.format("%x|%5d|%+.2e|%c|%i|%g|%o", 255, 3, 12.5, 65, 4, 0.5, 8) == "ff|    3|+1.25e+01|A|4|0.5|10")
assert(string.format("") == "" and string.format("%%") == "%" and string.format("a\0b") == "a\0b")
assert(string.format("%s", ("x"):rep(1000)) == ("x"):rep(1000))
assert(string.format(12) == "12")
fails("addresses are hidden", string.format, "%p", {})
fails("addresses are hidden", string.format, "%s %-10p", 1, {})
fails("addresses are hidden", string.format, "%p", 1)
fails("bad argument #2", string.format, "%s")
fails("bad argument #3", string.format, "%s %d", {}, {})
fails("invalid conversion", string.format, "%y", 1)
fails("invalid conversion", string.format, "%", 1)
fails("invalid", string.format, "%123d", 1)
fails("bad argument #1", string.format)

-- html.escape
assert(html.escape([[<a href="x" id='y'>&</a>]]) == "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;&lt;/a&gt;")
assert(html.escape("") == "" and html.escape("plain \u{E9}\0") == "plain \u{E9}\0" and html.escape(12) == "12")
assert(html.escape(("&"):rep(5000)) == ("&amp;"):rep(5000))
fails("string expected", html.escape, {})
fails("string expected", html.escape)
