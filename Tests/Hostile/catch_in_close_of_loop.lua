-- expect: exceeded_cpu
-- The loop is left by the kill only; the closing value of the for must not run.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local closing = setmetatable({}, { __close = function() env.KV:put("catch_in_close_of_loop", "ran") end })
    if env.KV:get("catch_in_close_of_loop") then return "the closing method ran after a kill" end
    for _ in function() return 1 end, nil, nil, closing do end
  end,
}
