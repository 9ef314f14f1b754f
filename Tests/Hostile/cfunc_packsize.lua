-- expect: exceeded_cpu
-- string.packsize with a large format, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local format = ("i1"):rep(200000)
    while true do string.packsize(format) end
  end,
}
