-- expect: exception
-- Header names and values that are no strings.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return { headers = { [1] = true, [2.5] = {}, ["x-a"] = print }, body = "x" }
  end,
}
