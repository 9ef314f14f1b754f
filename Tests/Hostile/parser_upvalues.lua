-- expect: exception
-- More upvalues than a function can have.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local parts = {}
    for i = 1, 150 do parts[#parts + 1] = "local a" .. i .. " = 1 " end
    parts[#parts + 1] = "return function() "
    for i = 1, 150 do parts[#parts + 1] = "local b" .. i .. " = 1 " end
    parts[#parts + 1] = "return function() return 0"
    for i = 1, 150 do parts[#parts + 1] = " + a" .. i .. " + b" .. i end
    parts[#parts + 1] = " end end"
    return assert(load(table.concat(parts)))
  end,
}
