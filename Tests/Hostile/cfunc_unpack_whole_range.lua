-- expect: exception
-- All integers there are.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return table.unpack({}, math.mininteger, math.maxinteger)
  end,
}
