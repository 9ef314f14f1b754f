-- expect: exception
-- A right-associative chain of a hundred thousand operands.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load("return " .. ("a .. "):rep(100000) .. "a"))
  end,
}
