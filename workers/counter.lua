-- Counts visits in the KV store, which all workers and all requests share.
--   curl localhost:8080/counter            counts and tells
--   curl -X DELETE localhost:8080/counter  begins again
--
-- `visits` is in the image: every request starts from 0 and counts only itself, however many come.
local visits = 0

return {
  routes = { "GET /counter", "DELETE /counter" },

  fetch = function(request, env)
    if request.method == "DELETE" then
      env.KV:delete("counter:visits")
      return "begins again\n"
    end
    visits = visits + 1
    local total = env.KV:increment("counter:visits", 1)
    return ("this isolate: %d, all requests: %d\n"):format(visits, total)
  end,
}
