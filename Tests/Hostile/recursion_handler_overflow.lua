-- expect: exception|exceeded_memory
-- The stack overflows; the handler overflows it again.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function f() return 1 + f() end
    xpcall(f, f)
    error("came back")
  end,
}
