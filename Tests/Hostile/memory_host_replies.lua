-- expect: exceeded_memory
-- Reads one large value again and again and keeps it.
return {
  limits = { cpu_ms = 1000, memory_mb = 8 },
  kv = { "BIG" },
  fetch = function(request, env, ctx)
    local text = ("x"):rep(1000000)
    env.BIG:put("memory_host_replies", text)
    local kept = {}
    while true do kept[#kept + 1] = env.BIG:get("memory_host_replies") .. #kept end
  end,
}
