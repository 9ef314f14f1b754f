-- Patch 0002: a table that only a weak metatable knows takes a key while the collector runs. Inside an isolate no
-- collection begins there; with memory that runs out (`make test-asan`) the system's archive uses a freed table.
local metatable = setmetatable({}, { __mode = "v" })
local front = setmetatable({}, metatable)

for i = 1, 40 do
  metatable.__newindex = {}
  front["key" .. i] = { i }
end
assert(next(front) == nil or type(next(front)) == "string")
