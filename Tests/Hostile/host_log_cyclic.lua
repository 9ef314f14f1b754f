-- expect: ok held
-- Log fields that hold themselves or what can't be passed.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local t = {}
    t.t = t
    local deep = {}
    for _ = 1, 1000 do deep = { deep } end
    for _, fields in ipairs { t, deep, { print }, { [{}] = 1 }, { coroutine.create(print) }, { [print] = print } } do
      if pcall(log.info, "x", fields) then return "passed" end
    end
    return pcall(log.info, "x", 5) and "passed" or "held"
  end,
}
