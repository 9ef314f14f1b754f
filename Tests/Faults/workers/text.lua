-- Every library that makes text, and what a request gives a worker.
-- sweep: build
local helper = require("helper")
local greetings = { de = "Hallo", en = "Hello", fr = "Salut" }

local function fetch(request, env, ctx)
  return Response.stream(function(write)
    local decoded = json.decode('{"a":[1,2.5,true,null,"\\u00e9\\ud83d\\ude00"],"b":{"c":{"d":[[[]]]}}}')
    write(json.encode(decoded, { sorted = true, pretty = true }))
    write(json.encode({ text = ("x"):rep(3000), list = { ("abc"):byte(1, -1) } }, { sorted = true }))
    local parsed = url.parse("https://user@example.org:8443/a/../b%20c?x=1&x=2&y=%C3%BC#end")
    write(parsed.host .. (parsed.path or "") .. url.encode("a b&c=d/é"))
    local first, all = url.query("a=1&b=2&a=3&c=%zz&&d")
    write(first.a .. #all.a .. first.b)
    write(base64.encode(("bytes\0\255"):rep(40)) .. base64.decode("aGVsbG8=") .. hex.encode("\1\2\255"))
    write(html.escape("<a href='x'>&</a>"))
    write(request.method .. request.path .. request.query.round .. request.queries.q[1] .. request.url)
    write(request.headers["x-one"] .. #request.headers:get_all("X-One") .. request.cookies.b .. request.params.name)
    write(request:form().b .. request:text() .. env.GREETING .. helper.name)
    for i = 1, 20 do log.info("a record", { number = i, nested = { list = { i, i } } }) end
    print("a line", 1, nil, true)
    write(("%5.2f|%q|%s|%d"):format(1 / 3, "quo\"ted", greetings.de, 42))
    write(os.date("!%Y-%m-%d %H:%M:%S", 1750000000) .. os.time({ year = 2025, month = 1, day = 1, hour = 0 }))
    write(("one two three"):gsub("%w+", function(word) return word:upper() .. #word end))
    write(utf8.char(233, 8364, 128512) .. utf8.len("é€") .. string.pack("<i4s1", 7, "x"))
  end, { status = 201, headers = { ["x-test"] = "1" } })
end

return { kv = { "HONEST" }, fetch = fetch }
