-- expect: exceeded_cpu
-- The message handler raises errors, and its handler too.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    while true do
      xpcall(error, function(e) error(e) end)
    end
  end,
}
