-- expect: ok held
-- A host call in a closing method while an error is on its way.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local ran = 0
    local ok, message = pcall(function()
      local guard <close> = setmetatable({}, { __close = function() env.KV:get("x") ran = ran + 1 end })
      error("out", 0)
    end)
    return not ok and message == "out" and ran == 1 and "held" or tostring(message)
  end,
}
