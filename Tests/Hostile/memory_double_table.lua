-- expect: exceeded_memory
-- A table that doubles.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = { 1 }
    while true do table.move(t, 1, #t, #t + 1) end
  end,
}
