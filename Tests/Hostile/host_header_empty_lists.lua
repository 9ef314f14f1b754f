-- expect: exception
-- Twenty thousand headers, none of which has a value: the host must not go through all of them.
local none, headers = {}, {}
for i = 1, 20000 do headers["k" .. i] = none end
return {
  limits = { cpu_ms = 2000 },
  fetch = function(request, env, ctx)
    return { headers = headers }
  end,
}
