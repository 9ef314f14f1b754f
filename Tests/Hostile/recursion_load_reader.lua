-- expect: exception
-- A reader that loads with itself.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function reader() load(reader) error("out") end
    return assert(load(reader))
  end,
}
