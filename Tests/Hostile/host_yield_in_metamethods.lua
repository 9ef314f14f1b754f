-- expect: ok held
-- Host calls in the metamethods that Lua code runs itself.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function call() return env.KV:get("x") == nil end
    local mt = {
      __index = call, __newindex = call, __call = call, __add = call, __concat = call, __eq = call, __lt = call,
      __le = call, __len = call, __unm = call, __close = call,
    }
    local a, b = setmetatable({}, mt), setmetatable({}, mt)
    local all = a.x and a() and a + 1 and a .. "x" and a == b and a < b and a <= b and #a and -a
    a.y = 1
    do local guard <close> = a end
    for _ in function(_, i) call() if not i then return 1 end end do end
    return all and "held" or "lost"
  end,
}
