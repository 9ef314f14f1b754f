-- expect: exceeded_cpu
-- A hundred pcalls around the loop, each of which starts it again.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function guarded(depth)
      while true do
        pcall(depth == 0 and function() while true do end end or guarded, depth - 1)
      end
    end
    guarded(100)
  end,
}
