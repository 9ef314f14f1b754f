-- expect: exception
-- A list that holds itself.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = {}
    t[1] = t
    return json.encode(t)
  end,
}
