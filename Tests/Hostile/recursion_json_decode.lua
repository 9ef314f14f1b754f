-- expect: exception
-- A hundred thousand brackets.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return json.decode(("["):rep(100000))
  end,
}
