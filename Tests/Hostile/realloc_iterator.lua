-- expect: ok right
-- The iterator of a for moves the stack.
return {
  limits = { cpu_ms = 2000, memory_mb = 64 },
  fetch = function(request, env, ctx)
    local function grow(n) if n == 0 then return 0 end return n + grow(n - 1) end
    local function step(last, i)
      if i == last then return nil end
      grow(i * 300)
      return i + 1, i * 2
    end
    local sum = 0
    for i, double in step, 10, 0 do sum = sum + i + double end
    return sum == 55 + 90 and "right" or "wrong"
  end,
}
