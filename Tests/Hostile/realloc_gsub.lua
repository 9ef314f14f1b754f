-- expect: ok right
-- A callback that moves the stack inside string.gsub.
return {
  limits = { cpu_ms = 2000, memory_mb = 64 },
  fetch = function(request, env, ctx)
    local function grow(n) if n == 0 then return 0 end return n + grow(n - 1) end
    local text = coroutine.wrap(function()
      return (("abc"):rep(20):gsub("%w", function(c) grow(c:byte() * 30) return c:upper() end))
    end)()
    return text == ("ABC"):rep(20) and "right" or "wrong"
  end,
}
