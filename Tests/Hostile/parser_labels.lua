-- expect: exceeded_cpu|exceeded_memory|exception
-- Labels that each must be compared with all before it.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local labels = {}
    for i = 1, 30000 do labels[i] = "::l" .. i .. "::" end
    return assert(load(table.concat(labels)))
  end,
}
