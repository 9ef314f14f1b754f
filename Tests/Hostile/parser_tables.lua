-- expect: exception
-- A hundred thousand nested tables.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load("return " .. ("{"):rep(100000) .. ("}"):rep(100000)))
  end,
}
