-- expect: exceeded_cpu
-- A comment that never ends, fed one piece at a time.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local first = true
    return load(function()
      if first then first = false return "--[==[" end
      return "]=]]"
    end)
  end,
}
