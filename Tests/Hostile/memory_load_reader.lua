-- expect: exceeded_memory|exceeded_cpu
-- A chunk that never ends and consists of constants.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local i = 0
    return load(function()
      i = i + 1
      return "x" .. i .. " = '" .. ("c"):rep(1000) .. i .. "' "
    end)
  end,
}
