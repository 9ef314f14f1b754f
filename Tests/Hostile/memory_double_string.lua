-- expect: exceeded_memory
-- A string that doubles.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local s = "x"
    while true do s = s .. s end
  end,
}
