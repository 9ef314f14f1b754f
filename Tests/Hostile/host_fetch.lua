-- expect: exception
-- A request to the inside of the host's network.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return fetch("http://169.254.169.254/latest/meta-data/")
  end,
}
