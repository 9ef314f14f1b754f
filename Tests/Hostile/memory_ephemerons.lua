-- expect: exceeded_memory|exceeded_cpu
-- A chain of ephemerons, which a collector clears one by one.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = setmetatable({}, { __mode = "k" })
    local first = {}
    local key = first
    while true do
      local value = { ("x"):rep(100) }
      t[key] = value
      key = value
    end
  end,
}
