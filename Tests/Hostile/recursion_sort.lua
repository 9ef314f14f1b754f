-- expect: exception
-- Comparators of sort within each other.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function f() table.sort({ 1, 2 }, function() f() end) end
    f()
  end,
}
