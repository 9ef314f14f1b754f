-- url: percent-encoding, parse and build, queries.

local function fails(part, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok and message:find(part, 1, true), ("expected %q in %q"):format(part, tostring(message)))
end

-- encode, decode
assert(url.encode("AZaz09-._~") == "AZaz09-._~")
assert(url.encode("a b/c?d=e&f+g%\0\u{E9}") == "a%20b%2Fc%3Fd%3De%26f%2Bg%25%00%C3%A9")
assert(url.encode("") == "" and url.encode(12) == "12")
assert(url.decode("a%20b%2fc%2F+%00") == "a b/c/+\0" and url.decode("") == "")
local all = {}
for byte = 0, 255 do
  all[byte + 1] = string.char(byte)
end
all = table.concat(all):rep(6)
assert(url.decode(url.encode(all)) == all)
for text, position in pairs({ ["%"] = 1, ["a%"] = 2, ["%2"] = 1, ["ab%g0"] = 3, ["%0g"] = 1, ["%%20"] = 1,
  ["% 20"] = 1 }) do
  fails("url.decode: '%' without two hexadecimal digits at position " .. position, url.decode, text)
end

-- parse; build gives the text back.
local fields = { "scheme", "user", "password", "host", "port", "path", "query", "fragment" }
local function parses(text, expected, rebuilt)
  local parts = url.parse(text)
  for _, field in ipairs(fields) do
    assert(parts[field] == expected[field],
      ("%s: %s is %s, expected %s"):format(text, field, tostring(parts[field]), tostring(expected[field])))
  end
  for key in pairs(parts) do
    assert(expected[key] ~= nil, key)
  end
  local back = url.build(parts)
  assert(back == (rebuilt or text), ("%s was built as %s"):format(text, back))
end
parses("https://user:pw@example.com:8443/a/b;c?x=1&y=2#top", {
  scheme = "https", user = "user", password = "pw", host = "example.com", port = 8443, path = "/a/b;c",
  query = "x=1&y=2", fragment = "top",
})
parses("http://example.com", { scheme = "http", host = "example.com", path = "" })
parses("HTTP://EXAMPLE.com/Path", { scheme = "http", host = "example.com", path = "/Path" }, "http://example.com/Path")
parses("http://h:/", { scheme = "http", host = "h", path = "/" }, "http://h/")
parses("http://h:080/", { scheme = "http", host = "h", port = 80, path = "/" }, "http://h:80/")
parses("http://h:65535", { scheme = "http", host = "h", port = 65535, path = "" })
parses("http://h?q", { scheme = "http", host = "h", path = "", query = "q" })
parses("http://h#f?g", { scheme = "http", host = "h", path = "", fragment = "f?g" })
parses("http://h/?a?b#c#d", { scheme = "http", host = "h", path = "/", query = "a?b", fragment = "c#d" })
parses("http://h/?#", { scheme = "http", host = "h", path = "/", query = "", fragment = "" })
parses("http://u@h/", { scheme = "http", user = "u", host = "h", path = "/" })
parses("http://:@h/", { scheme = "http", user = "", password = "", host = "h", path = "/" })
parses("http://u:a:b@h/", { scheme = "http", user = "u", password = "a:b", host = "h", path = "/" })
parses("http://u%40:p%3A@h/%20", { scheme = "http", user = "u%40", password = "p%3A", host = "h", path = "/%20" })
parses("//h/p", { host = "h", path = "/p" })
parses("/p?q", { path = "/p", query = "q" })
parses("p/q:r", { path = "p/q:r" })
parses("?q", { path = "", query = "q" })
parses("", { path = "" })
parses("//h//p", { host = "h", path = "//p" })
parses("mailto:a@b.c", { scheme = "mailto", path = "a@b.c" })
parses("urn:isbn:123", { scheme = "urn", path = "isbn:123" })
parses("file:///etc/x", { scheme = "file", host = "", path = "/etc/x" })
parses("a+b-c.1:x", { scheme = "a+b-c.1", path = "x" })
parses("http://h/\u{E9}?\u{E9}", { scheme = "http", host = "h", path = "/\u{E9}", query = "\u{E9}" })
parses("http://ex%41mple.com/", { scheme = "http", host = "ex%41mple.com", path = "/" }, "http://ex%41mple.com/")
parses("http://[::1]:80/", { scheme = "http", host = "::1", port = 80, path = "/" })
parses("http://u@[2001:DB8::7]", { scheme = "http", user = "u", host = "2001:db8::7", path = "" },
  "http://u@[2001:db8::7]")
for _, address in ipairs({
  "::", "1::", "::1:2:3:4:5:6:7", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:255.255.255.255",
  "1::8", "64:ff9b::192.0.2.33", "fe80::0:1",
}) do
  parses("h://[" .. address .. "]/", { scheme = "h", host = address, path = "/" })
end
for _, address in ipairs({
  "", ":", ":::", "1", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:",
  "12345::",
  "g::", "::1.2.3", "::1.2.3.256", "::1.2.3.4.5", "::01.2.3.4", "1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "fe80::1%25eth0",
  "::1.2.3.",
  "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "v1.x", "::.1.2.3", "::1.2.3.4:5",
}) do
  fails("IPv6", url.parse, "h://[" .. address .. "]/")
end

for text, part in pairs({
  ["http://h/a b"] = "position 11", ["http://h/\n"] = "position 10", [" http://h"] = "position 1",
  ["http://h/\0"] = "encoded",
  ["http:\\\\h"] = "position 6", ["http://h/<"] = "position 10", ["http://h/%"] = "hexadecimal",
  ["http://h/%2"] = "position 10",
  ["http://h/?%zz"] = "hexadecimal", ["http://a@b@c/"] = "'@'", ["http://h:x/"] = "port is not a number",
  ["http://h:65536/"] = "65535", ["http://h:99999999999999999999/"] = "65535", ["http://h:-1/"] = "port",
  ["http://h:80:80/"] = "port", ["http://\u{E9}/"] = "host name", ["http://a[b/"] = "host name",
  ["http://[::1"] = "IPv6",
  ["http://[::1]x"] = "position 13", ["http://:80/"] = "host is empty", ["http://u@/"] = "host is empty",
  [":x"] = "scheme",
  ["1a:x"] = "position 1", ["a_b:x"] = "position 2", ["a b:x"] = "position 2", ["\x7F"] = "encoded",
  ["1.2.3.4:80/x"] = "scheme",
  ["http://h^/"] = "host name",
}) do
  fails(part, url.parse, text)
  fails("url.parse: ", url.parse, text)
end
fails("string expected", url.parse)

-- build
assert(url.build({}) == "" and url.build({ scheme = "HTTPS", host = "H.x", port = 1, path = "/" }) == "https://h.x:1/")
assert(url.build({ host = "FE80::1", path = "/x" }) == "//[fe80::1]/x")
for _, case in ipairs({
  { "'port' must be", { host = "h", port = "80" } }, { "'port' must be", { host = "h", port = 65536 } },
  { "'port' must be", { host = "h", port = -1 } }, { "'port' must be", { host = "h", port = 1.5 } },
  { "'host' must be a string", { host = 1 } }, { "'path' must be a string", { path = {} } },
  { "'host' would be", { host = "h", path = "p" } }, { "'host' would be", { path = "//h" } },
  { "'path' would be", { path = "a?b" } }, { "'path' would be", { path = "a#b" } },
  { "'query' would be", { query = "a#b" } }, { "'host' would be", { host = "h/x" } },
  { "'host' would be", { host = "h?x" } }, { "IPv6", { host = "h:1", path = "/" } },
  { "'user' would be", { user = "u" } }, { "'port' would be", { port = 80, path = "/" } },
  { "port is not", { host = "h", password = "p" } }, { "'user' would be", { host = "h", user = "a:b" } },
  { "port is not", { host = "h", user = "b:a/b" } }, { "'user' would be", { host = "h", user = "a/b" } },
  { "'scheme' would be", { path = "a:b" } }, { "scheme", { scheme = "1" } }, { "'scheme' would be",
  { scheme = "a/b" } },
  { "encoded", { host = "h", path = "/a b" } }, { "'@'", { host = "h@i@j" } }, { "'user' would be", { host = "h@i" } },
  { "host is empty", { scheme = "http", host = "", user = "u" } }, { "encoded", { path = "/\r\nx" } },
  { "character has no place in a scheme", { scheme = "" } },
}) do
  fails(case[1], url.build, case[2])
  fails("url.build: ", url.build, case[2])
end
fails("table expected", url.build, "x")

-- query: reading
local function reads(text, first, lists)
  local one, many = url.query(text)
  assert(json.encode(one, { pretty = true }) == json.encode(first, { pretty = true }), text)
  assert(json.encode(many, { pretty = true }) == json.encode(lists, { pretty = true }), text)
end
reads("", {}, {})
reads("&&", {}, {})
reads("a=1", { a = "1" }, { a = { "1" } })
reads("a=1&b=2&a=3&a=", { a = "1", b = "2" }, { a = { "1", "3", "" }, b = { "2" } })
reads("a", { a = "" }, { a = { "" } })
reads("=x&==", { [""] = "x" }, { [""] = { "x", "=" } })
reads("a=b=c&&d", { a = "b=c", d = "" }, { a = { "b=c" }, d = { "" } })
reads("a+b=c+d%2B%20e", { ["a b"] = "c d+ e" }, { ["a b"] = { "c d+ e" } })
reads("a=%&b=%2&c=%zz&d=%41%", { a = "%", b = "%2", c = "%zz", d = "A%" },
  { a = { "%" }, b = { "%2" }, c = { "%zz" }, d = { "A%" } })
assert(url.query("n=%00").n == "\0")
assert(url.query("k=" .. ("+"):rep(5000)).k == (" "):rep(5000))
assert(#select(2, url.query(("a=1&"):rep(1000))).a == 1000)
fails("more than 1000 pairs", url.query, ("a=1&"):rep(1001))
fails("string or table expected", url.query, 12)
fails("string or table expected", url.query)

-- query: writing
assert(url.query({}) == "")
assert(url.query({ b = 2, a = "x y", c = { 1, "two", true }, d = false, e = 1.5, ["f&"] = "=\0" })
  == "a=x%20y&b=2&c=1&c=two&c=true&d=false&e=1.5&f%26=%3D%00")
assert(url.query({ a = {} }) == "" and url.query({ a = {}, b = "" }) == "b=")
fails("names must be strings", url.query, { "x" })
fails("names must be strings", url.query, { [true] = "x" })
fails("found a table", url.query, { a = { {} } })
fails("found a function", url.query, { a = fails })
do
  local many, names = {}, {}
  for i = 1, 1000 do
    many["k" .. i] = ("v"):rep(i % 50)
    names[i] = "k" .. i
  end
  local text = url.query(many)
  table.sort(names)
  local at = 0
  for _, name in ipairs(names) do
    local found = (("&" .. text .. "&"):find("&" .. name .. "=" .. many[name] .. "&", 1, true))
    assert(found and found > at, name)
    at = found
  end
  local back = url.query(text)
  for name, value in pairs(many) do
    assert(back[name] == value)
  end
  many.one = "more"
  fails("more than 1000 pairs", url.query, many)
end
