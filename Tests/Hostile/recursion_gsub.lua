-- expect: exception
-- Callbacks of gsub within each other.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function f() return (("x"):gsub("x", f)) end
    return f()
  end,
}
