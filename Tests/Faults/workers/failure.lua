-- expect: exception
-- An error from the bottom of coroutines, with handlers and closing methods on its way up: its text and traceback.
local function bottom(n)
  if n == 0 then error("the bottom of " .. ("it"):rep(100)) end
  return (bottom(n - 1))
end

return {
  fetch = function(request, env, ctx)
    return Response.stream(function(write)
      write(select(2, xpcall(bottom, function(text) return debug == nil and "handled: " .. text or text end, 5)))
      write(tostring(select(2, pcall(string.rep))) .. tostring(select(2, pcall(json.decode, "[1,"))))
      write(select(2, load("x = = 1", "=chunk")))
      local guard <close> = setmetatable({}, { __close = function() log.warn("closing", { at = "end" }) end })
      coroutine.wrap(function()
        local inner <close> = setmetatable({}, { __close = function() log.error("inner") end })
        bottom(30)
      end)()
    end)
  end,
}
