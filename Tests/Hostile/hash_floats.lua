-- expect: exceeded_cpu
-- Float keys that differ in their exponent only, looked up for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = {}
    for e = -1074, 1023 do t[2.0 ^ e] = true t[2.0 ^ e * 1.5] = true end
    while true do
      for e = -1074, 1023 do local _ = t[2.0 ^ e * 1.25] end
    end
  end,
}
