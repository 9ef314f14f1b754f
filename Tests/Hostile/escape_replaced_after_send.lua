-- expect: exception|ok held
-- ipairs yields rubbish when the host runs the tasks after the response.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    ipairs = function() return function(_, i) i = (i or 0) + 1 if i < 4 then return i, i end end end
    ctx:wait_until(function() end)
    return "held"
  end,
}
