-- expect: load_failed
-- The top level of the script never ends: the worker is not loaded, the others are.
while true do pcall(function() while true do end end) end
return function() return "loaded" end
