-- expect: ok held
-- The body asked for in every way at once.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local text = request:text()
    for _ = 1, 3 do if request:text() ~= text then return "text" end end
    local joined = {}
    for piece in request:chunks() do joined[#joined + 1] = piece end
    if table.concat(joined) ~= text then return "chunks" end
    for _, self in ipairs { 1, "x", {}, { headers = {} }, { headers = { ["content-type"] = {} } } } do
      pcall(request.form, self)
      pcall(request.json, self)
      pcall(request.text, self)
    end
    return text == "a=1&b=2" and "held" or "body"
  end,
}
