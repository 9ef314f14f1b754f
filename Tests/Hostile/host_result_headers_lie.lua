-- expect: exception
-- The headers given to a constructor iterate for ever by __pairs.
return {
  limits = { cpu_ms = 2000, memory_mb = 16, response_mb = 1 },
  fetch = function(request, env, ctx)
    local headers = setmetatable({}, { __pairs = function()
      local i = 0
      return function()
        i = i + 1
        if i < 5000 then return "x-" .. i, "v" end
      end
    end })
    return Response.text("x", { headers = headers })
  end,
}
