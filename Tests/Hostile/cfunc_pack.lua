-- expect: exceeded_cpu
-- string.pack with a format of many thousand items, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local format = ("!16 Xi16 i16 "):rep(3) .. ("!1!2!4!8!16"):rep(20000)
    while true do string.pack(format, 1, 2, 3) end
  end,
}
