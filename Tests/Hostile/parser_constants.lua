-- expect: exceeded_memory|exceeded_cpu
-- A function with half a million constants.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local parts = {}
    for i = 1, 500000 do parts[i] = "x=" .. i .. ".5" end
    return assert(load(table.concat(parts, " ")))
  end,
}
