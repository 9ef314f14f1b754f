-- expect: exceeded_memory|exceeded_cpu
-- A string literal that never ends.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local first = true
    return load(function()
      if first then first = false return "return '" end
      return ("x"):rep(10000)
    end)
  end,
}
