-- expect: exceeded_cpu|exceeded_memory|exception
-- Pending jumps that every closing block must look at.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local jumps = {}
    for i = 1, 20000 do jumps[i] = "goto l" .. i .. " " end
    return assert(load("do " .. table.concat(jumps) .. ("do local a <const> = 1 end "):rep(20000) .. "end"))
  end,
}
