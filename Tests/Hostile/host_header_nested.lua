-- expect: exception
-- Headers whose values are tables of tables.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return { headers = { ["x-a"] = { { { "v" } } } }, body = "x" }
  end,
}
