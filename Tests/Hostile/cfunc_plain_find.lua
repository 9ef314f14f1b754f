-- expect: exceeded_cpu
-- Plain search for a text that nearly matches everywhere.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = ("a"):rep(2000000)
    return string.find(text, ("a"):rep(1000000) .. "b", 1, true)
  end,
}
