-- expect: exceeded_memory|exception
-- To-be-closed variables, one for each level of a recursion.
return {
  limits = { cpu_ms = 1000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local mt = { __close = function() end }
    local function deep()
      local guard <close> = setmetatable({}, mt)
      deep()
      return 1
    end
    return deep()
  end,
}
