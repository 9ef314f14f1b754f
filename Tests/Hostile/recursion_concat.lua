-- expect: exception|vm_fault|exceeded_memory
-- __concat of itself.
return {
  limits = { cpu_ms = 2000, memory_mb = 16 },
  fetch = function(request, env, ctx)
    local mt = {}
    mt.__concat = function(a, b) return a .. b end
    return setmetatable({}, mt) .. "x"
  end,
}
