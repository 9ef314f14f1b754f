-- expect: exception
-- A module that does not exist, required from inside its own failure.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function again() return select(2, xpcall(require, again, "nothing")) end
    again()
    return require("nothing")
  end,
}
