-- expect: exceeded_memory
-- string.pack of one large string two hundred times.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t, big = {}, ("x"):rep(1000000)
    for i = 1, 200 do t[i] = big end
    return string.pack(("s4"):rep(200), table.unpack(t))
  end,
}
