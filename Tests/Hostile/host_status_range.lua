-- expect: exception
-- Statuses that are none.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local list = { 99, 600, 0, -1, math.maxinteger, math.mininteger, 100, 199, 101 }
    return { status = list[request.query.round % #list + 1], body = "x" }
  end,
}
