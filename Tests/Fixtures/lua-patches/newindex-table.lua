-- Patch 0002: a table that only a weak metatable knows takes a key while the collector runs. Inside an isolate no
-- collection begins there; with memory that runs out (`make test-asan`) the system's archive uses a freed table.
local metatable = setmetatable({}, { __mode = "v" })
local front = setmetatable({}, metatable)

-- The locals keep the new table out of the registers of this function's caller, where the collector would find it.
local function renew()
  local _1, _2, _3, _4, _5, _6, _7, _8
  metatable.__newindex = {}
  return _1, _2, _3, _4, _5, _6, _7, _8
end

-- No other allocation lies between the two: a collection there would take the table away in time.
for i = 1, 40 do
  renew()
  front[i] = i
end
for key, value in pairs(front) do assert(key == value) end
