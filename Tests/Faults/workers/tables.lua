-- What grows and shrinks: tables, strings, sorting with a callback, garbage by the megabyte, compiled chunks, deep stacks.
local cache = {}

return {
  fetch = function(request, env, ctx)
    return Response.stream(function(write)
      local list = {}
      for i = 1, 300 do list[i] = (i * 7919) % 1009 end
      table.sort(list, function(a, b) return a > b end)
      write(table.concat(list, ","))
      local by_name = {}
      for i = 1, 200 do by_name["name" .. i] = { i, tostring(i) } end
      for i = 1, 200, 2 do by_name["name" .. i] = nil end
      local count = 0
      for _, entry in pairs(by_name) do count = count + entry[1] end
      write(tostring(count))
      cache[#cache + 1] = setmetatable({}, { __mode = "k", __index = function(_, k) return k end })
      write(tostring(cache[1].x) .. #cache)
      local chunk = assert(load("local t = ... local s = 0 for i = 1, #t do s = s + t[i] end return s, function() return t end"))
      local sum, keep = chunk(list)
      write(tostring(sum) .. #keep())
      local function depth(n) if n == 0 then return 0 end return 1 + depth(n - 1) end
      write(tostring(depth(400)))
      local text = ""
      for i = 1, 60 do text = text .. i .. ("z"):rep(i) end
      write(text)
      table.move(list, 1, 100, 50, list)
      write(tostring(select("#", table.unpack(list, 1, 120))))
      write(("a,b,,c"):gsub(",", { [","] = ";" }))
    end)
  end,
}
