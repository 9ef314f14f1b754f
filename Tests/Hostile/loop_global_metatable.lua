-- expect: exceeded_cpu
-- Every read of a global that does not exist loops.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    setmetatable(_G, { __index = function() while true do end end })
    return nothing_of_this_name
  end,
}
