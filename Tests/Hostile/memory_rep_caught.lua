-- expect: exceeded_memory
-- A gigabyte in one call, inside pcall.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    pcall(string.rep, "x", 1 << 30)
    return "went on"
  end,
}
