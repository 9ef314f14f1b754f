-- expect: ok|vm_fault|exception|exceeded_memory
-- A __concat function that moves the stack and makes garbage in its place.
return {
  limits = { cpu_ms = 2000, memory_mb = 64 },
  fetch = function(request, env, ctx)
    local function grow(n)
      if n == 0 then return 0 end
      local a, b, c, d = n, n, n, n
      return a + b + c + d + grow(n - 1)
    end
    local mt = {
      __concat = function()
        grow(300 + request.query.round * 400)
        local garbage = {}
        for i = 1, 50 do garbage[i] = { ("s"):rep(i * 13) } end
        return 42
      end,
    }
    local other = setmetatable({}, mt)
    local function check(t) return "a" .. "b" .. t == "a42" end
    for _ = 1, 10 do
      local fresh = coroutine.wrap(function() return check(setmetatable({}, mt)) end)
      if not fresh() then return "wrong" end
    end
    return "right"
  end,
}
