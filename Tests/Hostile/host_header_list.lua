-- expect: exception
-- One header with a hundred thousand values.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local values = {}
    for i = 1, 100000 do values[i] = "v" end
    return { headers = { ["set-cookie"] = values }, body = "x" }
  end,
}
