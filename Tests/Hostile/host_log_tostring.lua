-- expect: exceeded_cpu
-- The text of a log line is made by a __tostring that never returns.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    log.info(setmetatable({}, { __tostring = function() while true do end end }))
  end,
}
