-- expect: ok held
-- The numbers in the texts of neighbours are not in the order of their addresses.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local rising, last = 0, 0
    for _ = 1, 200 do
      local number = tonumber(tostring({}):match("0x(%x+)"), 16)
      if number > last then rising = rising + 1 end
      last = number
    end
    return rising < 150 and rising > 50 and "held" or "rising " .. rising
  end,
}
