-- expect: exceeded_cpu
-- Counts the characters of a large string for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = ("\u{7FFFFFFF}"):rep(500000)
    while true do utf8.len(text, 1, -1, true) end
  end,
}
