-- expect: exceeded_memory|exceeded_cpu
-- A query of half a million names.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local parts = {}
    for i = 1, 500000 do parts[i] = i end
    return url.query(table.concat(parts, "&"))
  end,
}
