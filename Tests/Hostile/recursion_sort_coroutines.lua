-- expect: exception
-- Comparators that start coroutines that sort.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function f()
      table.sort({ 1, 2 }, function() coroutine.wrap(f)() end)
    end
    f()
  end,
}
