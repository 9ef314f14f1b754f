-- expect: exception
-- Ten thousand nested functions.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load(("return function() "):rep(10000) .. ("end "):rep(10000)))
  end,
}
