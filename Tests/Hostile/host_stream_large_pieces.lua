-- expect: exceeded_host_calls|exceeded_wall_time|exceeded_cpu
-- Large pieces without end.
return {
  limits = { cpu_ms = 30, memory_mb = 16, host_calls = 10 },
  fetch = function(request, env, ctx)
    local piece = ("x"):rep(1000000)
    return Response.stream(function(write)
      while true do write(piece) end
    end)
  end,
}
