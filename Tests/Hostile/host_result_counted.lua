-- expect: exception
-- A result of a million values: small tables, each in many places.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = { "v", "v", "v", "v", "v", "v", "v", "v" }
    for _ = 1, 5 do t = { t, t, t, t, t, t, t, t } end
    return { [t[1][1][1][1][1][1]] = "x", body = t }
  end,
}
