-- expect: exceeded_host_calls
-- A body without end.
return {
  limits = { cpu_ms = 2000, memory_mb = 16, host_calls = 200 },
  fetch = function(request, env, ctx)
    return Response.stream(function(write)
      while true do write("piece") end
    end)
  end,
}
