-- expect: ok held
-- A producer of another response is called by hand: its write is no host object.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local written = {}
    local inner = Response.sse(function(send) send("x") end)
    inner.stream(function(text) written[#written + 1] = text end)
    return #written == 1 and "held" or "lost"
  end,
}
