-- expect: exception
-- Ten thousand headers.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local headers = {}
    for i = 1, 10000 do headers["x-" .. i] = "v" end
    return { headers = headers, body = "x" }
  end,
}
