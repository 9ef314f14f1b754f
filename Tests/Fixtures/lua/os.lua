-- os.time, os.date, os.clock, os.difftime: UTC, without libc.

local function fails(part, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok and message:find(part, 1, true), ("expected %q in %q"):format(part, tostring(message)))
end

local function date(format, time, expected)
  local text = os.date(format, time)
  assert(text == expected, ("%s at %d: expected %q, got %q"):format(format, time, expected, text))
  assert(os.date("!" .. format, time) == expected)
end

-- Conversions; the expected texts are those of GNU date and of strftime in the C locale.
local noon = 1709208307 -- Thursday, 29 February 2024, 12:05:07
for conversion, expected in pairs({
  a = "Thu", A = "Thursday", b = "Feb", B = "February", c = "Thu Feb 29 12:05:07 2024", C = "20", d = "29",
  D = "02/29/24", e = "29", F = "2024-02-29", g = "24", G = "2024", h = "Feb", H = "12", I = "12", j = "060",
  m = "02", M = "05", n = "\n", p = "PM", r = "12:05:07 PM", R = "12:05", S = "07", t = "\t", T = "12:05:07",
  u = "4", U = "08", V = "09", w = "4", W = "09", x = "02/29/24", X = "12:05:07", y = "24", Y = "2024",
  z = "+0000", Z = "GMT", ["%"] = "%", Ec = "Thu Feb 29 12:05:07 2024", EC = "20", Ex = "02/29/24",
  EX = "12:05:07", Ey = "24", EY = "2024", Od = "29", Oe = "29", OH = "12", OI = "12", Om = "02", OM = "05",
  OS = "07", Ou = "4", OU = "08", OV = "09", Ow = "4", OW = "09", Oy = "24",
}) do
  date("%" .. conversion, noon, expected)
end
date("", noon, "")
date("plain", noon, "plain")
date("%Y-%m-%dT%H:%M:%SZ", 0, "1970-01-01T00:00:00Z")
date("%a, %d %b %Y %H:%M:%S GMT", 784111777, "Sun, 06 Nov 1994 08:49:37 GMT")
date("%e|%I|%p", 0, " 1|12|AM")
date("%c", -1, "Wed Dec 31 23:59:59 1969")
date("%c", -2208988801, "Sun Dec 31 23:59:59 1899")
date("%F", 951782400, "2000-02-29")
date("%F", 4107542400, "2100-03-01")
date("%F", 253402300799, "9999-12-31")
date("%G-W%V-%u", 1104537600, "2004-W53-6")
date("%G-W%V-%u", 1230768000, "2009-W01-4")
date("%G-W%V-%u", 1230595200, "2009-W01-2")
date("%G-W%V-%u", 1609459200, "2020-W53-5")
date("%U %W %j", 1704067200, "00 01 001")
date("%U %W %j", 1735603200, "52 53 366")
date("%I%p", 46800, "01PM")
assert(os.date("a\0b%Y", 0) == "a\0b1970")
assert(os.date(("%Y "):rep(500), 0) == ("1970 "):rep(500))
assert(os.date("%c", "0") == "Thu Jan  1 00:00:00 1970" and os.date("%Y", 0.0) == "1970")
assert(os.date() and #os.date() == 24 and os.date("*t").year >= 2024)

fails("invalid conversion specifier '%Ez foo'", os.date, "%Ez foo", 0)
fails("invalid conversion specifier '%Q'", os.date, "%Q", 0)
fails("invalid conversion specifier '%'", os.date, "x%", 0)
for _, format in ipairs({ "%E", "%O", "%Oc", "%EH", "%s", "%k", "%-d", "%5Y", "*t%", "%i", "%f", "%\0" }) do
  fails("invalid conversion specifier", os.date, format, 0)
end
fails("number has no integer representation", os.date, "%c", 1.5)
fails("number expected", os.date, "%c", "x")
fails("date result cannot be represented", os.date, "%c", 1 << 60)
fails("date result cannot be represented", os.date, "*t", math.mininteger)
fails("date result cannot be represented", os.date, "%c", math.maxinteger)

-- Tables.
do
  local t = os.date("*t", noon)
  local expected = { year = 2024, month = 2, day = 29, hour = 12, min = 5, sec = 7, yday = 60, wday = 5, isdst = false }
  for key, value in pairs(expected) do
    assert(t[key] == value, key)
  end
  for key in pairs(t) do
    assert(expected[key] ~= nil, key)
  end
  assert(os.time(t) == noon and os.date("!*t", 0).wday == 5)
  assert(os.date("*tx", 0) == "*tx")
end

-- os.time.
assert(os.time({ year = 1970, month = 1, day = 1, hour = 0 }) == 0)
assert(os.time({ year = 1970, month = 1, day = 1 }) == 43200)
assert(os.time({ year = "2000", month = "1", day = 1.0, hour = 0, min = 1, sec = 2 }) == 946684862)
assert(os.time({ year = 1969, month = 12, day = 31, hour = 23, min = 59, sec = 59 }) == -1)
assert(os.time({ year = 2024, month = 2, day = 29, hour = 12, isdst = true }) == 1709208000)
do
  local t = { year = 2024, month = 14, day = -3, hour = 25, min = -1, sec = 3600, extra = 1 }
  assert(os.time(t) == os.time({ year = 2025, month = 1, day = 29, hour = 1, min = 59, sec = 0 }))
  assert(t.year == 2025 and t.month == 1 and t.day == 29 and t.hour == 1 and t.min == 59 and t.sec == 0)
  assert(t.yday == 29 and t.wday == 4 and t.isdst == false and t.extra == 1)
  t = { year = 2024, month = -11, day = 0 }
  os.time(t)
  assert(t.year == 2022 and t.month == 12 and t.day == 31)
  t = { year = 2023, month = 1, day = 60 }
  os.time(t)
  assert(t.month == 3 and t.day == 1)
  local raw = setmetatable({ year = 2024, month = 1 }, { __index = { day = 1 }, __newindex = error })
  fails("field 'day' missing in date table", os.time, raw)
end
fails("field 'year' missing in date table", os.time, {})
fails("field 'month' missing in date table", os.time, { year = 2020 })
fails("field 'day' missing in date table", os.time, { year = 2020, month = 1 })
fails("field 'year' is not an integer", os.time, { year = "x" })
fails("field 'month' is not an integer", os.time, { year = 2020, month = 1.5, day = 1 })
fails("field 'hour' is not an integer", os.time, { year = 2020, month = 1, day = 1, hour = {} })
fails("field 'year' is out-of-bound", os.time, { year = 1 << 40, month = 1, day = 1 })
fails("field 'year' is out-of-bound", os.time, { year = math.mininteger, month = 1, day = 1 })
fails("field 'sec' is out-of-bound", os.time, { year = 2020, month = 1, day = 1, sec = 1 << 31 })
fails("time result cannot be represented", os.time, { year = (1 << 31) + 1899, month = 12, day = 400 })
fails("table expected", os.time, 1)
assert(math.type(os.time()) == "integer" and os.time() > 1700000000)

-- Every day of 510 years, forth and back, against a calendar counted day by day.
do
  local year, month, day, wday = 1899, 1, 1, 1
  local lengths = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
  local time = os.time({ year = year, month = month, day = day, hour = 0 })
  while year < 2410 do
    local t = os.date("*t", time + 86399)
    assert(t.year == year and t.month == month and t.day == day and t.wday == wday, os.date("%F", time))
    assert(os.time({ year = year, month = month, day = day, hour = 0 }) == time)
    local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
    day, wday, time = day + 1, wday % 7 + 1, time + 86400
    if day > lengths[month] + (month == 2 and leap and 1 or 0) then
      day, month = 1, month + 1
      if month > 12 then
        month, year = 1, year + 1
      end
    end
  end
end

-- Seeded moments of all representable years, forth and back.
local seed = 77
local state = seed
for _ = 1, 2000 do
  state = state * 6364136223846793005 + 1442695040888963407
  local time = (state >> 1) % 134000000000000000 - 67000000000000000
  local t = os.date("*t", time)
  assert(os.time(t) == time, ("seed %d: %d"):format(seed, time))
end

-- Clock and difference.
local start = os.clock()
assert(math.type(start) == "float" and start >= 0)
for _ = 1, 100000 do
end
assert(os.clock() >= start)
assert(os.difftime(10, 4) == 6.0 and math.type(os.difftime(1, 1)) == "float")
assert(os.difftime(math.maxinteger, math.mininteger) == 2.0 ^ 64)
fails("number expected", os.difftime, 1)
fails("number expected", os.difftime)
