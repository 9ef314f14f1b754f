-- expect: exception
-- An error out of a stack of ten thousand levels.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function deep(n)
      if n == 0 then error("deep") end
      return 1 + deep(n - 1)
    end
    deep(10000)
  end,
}
