-- expect: exceeded_memory|exceeded_cpu
-- A list of empty lists: two bytes of text are a whole table.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return json.decode("[" .. ("[],"):rep(400000) .. "[]]")
  end,
}
