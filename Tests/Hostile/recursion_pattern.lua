-- expect: exception
-- A pattern that needs a level of C stack for each character.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return string.find(("a"):rep(300000), ("a?"):rep(300000))
  end,
}
