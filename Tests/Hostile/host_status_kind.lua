-- expect: exception
-- Statuses that are no whole numbers.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local list = { "200", 200.5, 0 / 0, math.huge, true, {}, -math.huge, 2e300 }
    return { status = list[request.query.round % #list + 1], body = "x" }
  end,
}
