-- expect: exceeded_memory|exceeded_cpu|exception
-- A literal of nothing but escapes.
return {
  limits = { cpu_ms = 30, memory_mb = 16 },
  fetch = function(request, env, ctx)
    return #load("return '" .. ("\\u{7FFFFFFF}"):rep(300000) .. "'")() // 0
  end,
}
