-- expect: exceeded_cpu
-- The head and a piece of the body are out; then the producer never ends.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return Response.stream(function(write)
      write("begun")
      while true do end
    end)
  end,
}
