-- expect: exception|exceeded_memory
-- Ten thousand tables, each the __call of the next.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = function() return 1 end
    for _ = 1, 10000 do t = setmetatable({}, { __call = t }) end
    error(t())
  end,
}
