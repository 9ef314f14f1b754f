-- expect: ok
-- Pieces written from coroutines within coroutines.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return Response.stream(function(write)
      local function deeper(n)
        write(n .. ",")
        if n > 0 then coroutine.wrap(deeper)(n - 1) end
      end
      coroutine.wrap(deeper)(50)
    end)
  end,
}
