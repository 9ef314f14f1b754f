-- expect: exception
-- The error's text is no UTF-8 and full of line breaks and quotes.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    error("\r\n\0\255\254\"\\</script>\27[2J{{}}", 0)
  end,
}
