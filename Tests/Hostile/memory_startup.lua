-- expect: load_failed
-- The top level takes all memory: the worker is not loaded, the others are.
local t = {}
for i = 1, 1e9 do t[i] = {} end
return function() return "loaded" end
