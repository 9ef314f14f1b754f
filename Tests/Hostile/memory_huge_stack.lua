-- expect: exceeded_memory|exceeded_cpu|exception
-- Argument lists that double.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function double(...) return double(..., ...) end
    local function grow(...) return grow(1, ...) end
    pcall(double, 1, 2)
    return grow()
  end,
}
