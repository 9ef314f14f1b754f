-- expect: ok held
-- Secrets and variables that were not declared are not there.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _, name in ipairs { "PATH", "HOME", "HONEST", "SECRET", "PWD", "", "\0" } do
      if env[name] ~= nil then return name end
    end
    return "held"
  end,
}
