-- expect: ok right
-- Lists of arguments that make the stack move while they are copied.
return {
  limits = { cpu_ms = 2000, memory_mb = 64 },
  fetch = function(request, env, ctx)
    local function last(...) return (select(select("#", ...), ...)) end
    for n = 1, 20000, 500 do
      local list = {}
      for i = 1, n do list[i] = i end
      local got = coroutine.wrap(function(...) return last(...) + last(table.unpack(list)) end)(table.unpack(list))
      if got ~= 2 * n then return "wrong" end
    end
    return "right"
  end,
}
