-- expect: exception
-- Another right-associative chain.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load("return " .. ("2 ^ "):rep(100000) .. "2"))
  end,
}
