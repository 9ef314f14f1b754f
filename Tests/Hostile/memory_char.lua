-- expect: exceeded_memory|exception
-- string.char of as many numbers as the stack holds, kept.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local kept = {}
    local t = {}
    for i = 1, 200000 do t[i] = 65 end
    while true do kept[#kept + 1] = string.char(table.unpack(t)) end
  end,
}
