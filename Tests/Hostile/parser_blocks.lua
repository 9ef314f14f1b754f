-- expect: exception
-- A hundred thousand nested blocks.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return assert(load(("do "):rep(100000) .. ("end "):rep(100000)))
  end,
}
