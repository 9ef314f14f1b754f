-- expect: ok held
-- More arguments than a host call takes.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local list = {}
    for i = 1, 300 do list[i] = "x" end
    local ok, message = pcall(env.KV.get_with_metadata, env.KV, table.unpack(list))
    local slept = pcall(sleep, 0, table.unpack(list))
    return not slept and "held" or tostring(ok) .. tostring(message)
  end,
}
