-- expect: ok held
-- Methods of the context called with rubbish.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _, value in ipairs { 1, "x", true, {}, json.null } do
      if pcall(ctx.wait_until, ctx, value) then return "waits for a " .. type(value) end
    end
    if pcall(ctx.wait_until) or pcall(ctx.wait_until, ctx) then return "waits for nothing" end
    local used, left = ctx.usage(nil, 1, 2), ctx.remaining_ms({}, {})
    if type(used.cpu_us) ~= "number" or type(left) ~= "number" then return "usage" end
    return "held"
  end,
}
