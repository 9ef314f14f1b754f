-- expect: exceeded_cpu
-- Encodes a list of numbers with many digits for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local list = {}
    for i = 1, 2000 do list[i] = math.pi * i end
    while true do json.encode(list, { pretty = true }) end
  end,
}
