-- expect: exception
-- A hundred thousand unary operators.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load("return " .. ("- "):rep(100000) .. "1"))
  end,
}
