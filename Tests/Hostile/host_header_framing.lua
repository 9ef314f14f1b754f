-- expect: ok framed
-- Headers that would change where the response ends.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return {
      headers = {
        ["Content-Length"] = "3", ["transfer-ENCODING"] = "chunked", connection = "close", ["Keep-Alive"] = "timeout=1",
        upgrade = "h2c",
      },
      body = "framed",
    }
  end,
}
