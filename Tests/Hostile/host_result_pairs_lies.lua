-- expect: ok plain
-- The host reads results raw: __pairs, __len and __index are not asked.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local lies = { __pairs = function() error("asked") end, __len = function() error("asked") end }
    return setmetatable({ body = "plain", headers = setmetatable({ ["x-a"] = "b" }, lies) }, lies)
  end,
}
