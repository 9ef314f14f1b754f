-- expect: exceeded_cpu
-- string.unpack of zero-terminated strings that are not terminated, for ever.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = ("x"):rep(2000000)
    while true do pcall(string.unpack, "z", text) end
  end,
}
