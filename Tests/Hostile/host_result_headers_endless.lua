-- expect: exceeded_cpu|exceeded_memory
-- The headers given to a constructor never end.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local headers = setmetatable({}, { __pairs = function()
      return function(_, name) return (name or "") .. "x", "v" end
    end })
    return Response.text("x", { headers = headers })
  end,
}
