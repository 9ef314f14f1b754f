-- expect: ok held
-- No text gives an address, and %p is refused.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local function object() end
    local texts = {
      tostring({}), tostring(object), tostring(coroutine.create(object)), tostring(print), tostring(request),
      ("%s"):format({}), select(2, pcall(error, tostring(env))), select(2, pcall(function() return {} .. "" end)),
      select(2, pcall(string.rep, {})), debug.traceback(tostring(object)), select(2, pcall(json.encode, { object })),
    }
    for _, text in ipairs(texts) do
      local number = text:match("0x(%x+)")
      if number and #number > 8 then return text end
    end
    for _, format in ipairs { "%p", "%-20p", "%%%p", "%s%p" } do
      if pcall(string.format, format, {}, {}) then return format end
    end
    return "held"
  end,
}
