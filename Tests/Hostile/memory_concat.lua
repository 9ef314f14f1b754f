-- expect: exceeded_memory
-- table.concat of one string a million times.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = {}
    local piece = ("x"):rep(100)
    for i = 1, 500000 do t[i] = piece end
    return table.concat(t)
  end,
}
