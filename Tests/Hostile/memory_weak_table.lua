-- expect: exceeded_memory|exceeded_cpu
-- A weak table whose values are held by each other.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = setmetatable({}, { __mode = "k" })
    local previous = {}
    while true do
      local key = {}
      t[key] = previous
      previous = key
    end
  end,
}
