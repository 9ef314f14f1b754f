-- expect: ok right
-- __tostring and __name functions that move the stack inside C functions.
return {
  limits = { cpu_ms = 2000, memory_mb = 64 },
  fetch = function(request, env, ctx)
    local function grow(n) if n == 0 then return 0 end return n + grow(n - 1) end
    local t = setmetatable({}, { __tostring = function() grow(3000) return "text" end })
    for _ = 1, 5 do
      local text = coroutine.wrap(function() return string.format("%s%s%s", t, 1, t) .. tostring(t) end)()
      if text ~= "text1texttext" then return "wrong" end
    end
    return "right"
  end,
}
