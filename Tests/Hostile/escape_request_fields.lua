-- expect: ok held
-- Fields of the request that are set by the script do not reach the host.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    rawset(request, "headers", { ["content-type"] = "multipart/form-data; boundary=" .. ("x"):rep(1000000) })
    local ok = pcall(request.form, request)
    rawset(request, "headers", setmetatable({}, { __index = function() return {} end }))
    local other = pcall(request.form, request)
    return not ok and not other and "held" or "taken"
  end,
}
