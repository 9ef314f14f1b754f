-- expect: ok|exception
-- Everything but strings is written, each error caught.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return Response.stream(function(write)
      for _, value in ipairs { {}, true, 1.5, print, coroutine.create(print), json.null, { {} }, write } do
        pcall(write, value)
      end
      pcall(write)
      pcall(write, "a", "b", {}, nil, nil)
    end)
  end,
}
