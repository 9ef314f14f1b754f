-- expect: ok held
-- require finds modules by name only.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local names = {
      "/etc/passwd", "../honest", "./honest", "lib/../honest", "lib...honest", "honest\0", "", ".", "..",
      ("a."):rep(1000), "lib.\0", "\255", "io", "package", "debug", "ffi", "os.execute", "honest", 1, {}, true,
    }
    for _, name in ipairs(names) do
      if pcall(require, name) then return "found " .. tostring(name) end
    end
    return pcall(require) and "no name" or "held"
  end,
}
