-- expect: ok held
-- What a request leaves in globals and upvalues is gone for the next.
local kept

return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    if kept or KEPT or string.kept or package then return "another request's object" end
    kept, KEPT, string.kept = request, env, ctx
    return "held"
  end,
}
