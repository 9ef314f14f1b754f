-- expect: exception
-- The handler returns a hundred thousand nested tables.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = {}
    for _ = 1, 100000 do t = { t } end
    return { headers = t }
  end,
}
