-- expect: exceeded_cpu
-- Argument lists are copied for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function rotate(first, ...) return rotate(..., first) end
    return rotate(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
  end,
}
