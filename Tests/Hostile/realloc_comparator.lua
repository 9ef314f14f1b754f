-- expect: ok right
-- A comparator that moves the stack inside table.sort.
return {
  limits = { cpu_ms = 2000, memory_mb = 64 },
  fetch = function(request, env, ctx)
    local function grow(n) if n == 0 then return 0 end return n + grow(n - 1) end
    local list = {}
    for i = 1, 50 do list[i] = (i * 37) % 101 end
    coroutine.wrap(function() table.sort(list, function(a, b) grow(a * 30) return a < b end) end)()
    for i = 2, 50 do if list[i - 1] > list[i] then return "wrong" end end
    return "right"
  end,
}
