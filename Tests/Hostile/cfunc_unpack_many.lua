-- expect: exception
-- More results than the stack can hold.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return table.unpack({}, 1, 1e7)
  end,
}
