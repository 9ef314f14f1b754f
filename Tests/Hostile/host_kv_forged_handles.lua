-- expect: ok held
-- Methods called on what is no namespace.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _, handle in ipairs { 1, "KV", true, print, {}, { {} }, { namespace = {} }, { namespace = print }, request } do
      for name, method in pairs(getmetatable(env.KV)) do
        if type(method) == "function" and pcall(method, handle, "k", "v", "w") then return name end
      end
    end
    return "held"
  end,
}
