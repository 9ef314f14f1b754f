-- Patch 0014: debug.traceback counts levels without an overflow. Seen by `make test-asan` only: on the system's archive the
-- result is the same. A state without the sandbox has no debug library to call.
if not debug then return end
for _, level in ipairs { -1, -2 ^ 31 | 0, -2 ^ 31 + 1 | 0, math.mininteger, math.maxinteger } do
  assert(debug.traceback("text", level):find("^text\nstack traceback:"), level)
end
local function deep(n)
  if n == 0 then return debug.traceback("deep", 1) end
  return (deep(n - 1))
end
assert(deep(60):find("(skipping ", 1, true))
