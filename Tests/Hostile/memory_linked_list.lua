-- expect: exceeded_memory
-- A list whose nodes hold each other.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local list
    while true do list = { list } end
  end,
}
