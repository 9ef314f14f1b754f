-- expect: exceeded_memory
-- Short strings, all kept by the string table.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = {}
    for i = 1, 1e9 do t["k" .. i] = i end
  end,
}
