-- expect: exception
-- Errors that are numbers, booleans, functions and coroutines.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local list = { 1, 2.5, true, print, coroutine.create(print), json.null, {} }
    error(list[request.query.round % #list + 1])
  end,
}
