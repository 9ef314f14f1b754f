-- expect: exceeded_cpu
-- print with a thousand arguments, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local list = {}
    for i = 1, 1000 do list[i] = i end
    while true do print(table.unpack(list)) end
  end,
}
