-- expect: ok held
-- Levels of error and traceback that point outside the script's own functions.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _, level in ipairs { 0, 1, 2, 3, 10, 100, 1 << 31, math.maxinteger, math.mininteger, -1 } do
      local ok, message = pcall(error, "x", level)
      if ok or type(message) ~= "string" then return "level " .. level end
      pcall(debug.traceback, "x", level)
    end
    return "held"
  end,
}
