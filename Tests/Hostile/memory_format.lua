-- expect: exceeded_memory
-- string.format of many wide fields.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return string.format(("%99s"):rep(200), table.unpack({}, 1, 200)), string.format(("%s"):rep(200), table.unpack({
      ("x"):rep(1000000), table.unpack((function()
        local t, big = {}, ("x"):rep(1000000)
        for i = 1, 199 do t[i] = big end
        return t
      end)()),
    }))
  end,
}
