-- expect: exception
-- More local variables than there are registers.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load("local " .. ("a, "):rep(300) .. "a"))
  end,
}
