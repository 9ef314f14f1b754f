-- expect: ok held
-- A boundary that the script makes up.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    for _, boundary in ipairs { "", "a", "=", "1", "\"", "a=1", ("b"):rep(70), ("b"):rep(71), "\0", ";", "--" } do
      local headers = { ["content-type"] = "multipart/form-data; boundary=" .. boundary }
      if pcall(request.form, { headers = headers }) then return "boundary " .. boundary end
    end
    return "held"
  end,
}
