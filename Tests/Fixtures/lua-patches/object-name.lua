-- Patch 0004: an error behind a very long chain of fields. The system's archive takes quadratic time, or uses up the C
-- stack: a kill or a fault.
local function failure(chain, rest)
  local run = assert(load("local a, k = ... return a" .. chain:rep(100000) .. rest))
  local fields = {}
  fields.a, fields[1] = fields, fields
  local ok, message = pcall(run, fields, 1)
  assert(not ok)
  return message
end

assert(failure(".a", ".b.c"):find("attempt to index a nil value (field 'b')", 1, true))
assert(failure("[k]", ".b.c"):find("attempt to index a nil value (field 'b')", 1, true))

-- Names that need the code to be read are still found.
local function message_of(source, ...)
  local ok, message = pcall(load(source), ...)
  assert(not ok)
  return message
end

assert(message_of("x.y = 1"):find("(global 'x')", 1, true))
assert(message_of("local t = {} t.a.b = 1"):find("(field 'a')", 1, true))
assert(message_of("local t = {} t:nothing()"):find("(method 'nothing')", 1, true))
assert(message_of("local _ENV = {} nothing()"):find("(global 'nothing')", 1, true))
local names = {}
for i = 1, 300 do names[i] = ("v%d = %d.5"):format(i, i) end
local many = "local t = {" .. table.concat(names, ",") .. "} "
assert(message_of(many .. "missing()"):find("(global 'missing')", 1, true))
assert(message_of(many .. "return t.missing.x"):find("(field 'missing')", 1, true))
