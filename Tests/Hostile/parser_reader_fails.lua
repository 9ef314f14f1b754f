-- expect: exception
-- A reader that gives what is no text.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local ok, message = load(function() return {} end)
    return error(tostring(ok) .. tostring(message))
  end,
}
