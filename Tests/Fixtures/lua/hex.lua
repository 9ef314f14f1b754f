-- hex: lower case out, both cases in, strict.

assert(hex.encode("") == "" and hex.decode("") == "")
assert(hex.encode("\0\xFFhi\x10") == "00ff686910")
assert(hex.decode("00FfAbaBcDCd") == "\0\xFF\xAB\xAB\xCD\xCD")

local all = {}
for byte = 0, 255 do
  all[#all + 1] = string.char(byte)
end
all = table.concat(all):rep(5)
assert(hex.decode(hex.encode(all)) == all)
assert(hex.decode(hex.encode(all):upper()) == all)

for text, part in pairs({
  ["0"] = "odd", ["000"] = "odd", ["0g"] = "position 2", ["g0"] = "position 1", ["00 0"] = "position 3",
  ["0x00"] = "position 2", ["00\xFF0"] = "position 3", ["0/"] = "position 2", ["0:"] = "position 2",
  ["@0"] = "position 1", ["0\0"] = "position 2",
}) do
  local ok, message = pcall(hex.decode, text)
  assert(not ok and message:find("hex.decode", 1, true) and message:find(part, 1, true), message)
end
assert(not pcall(hex.encode) and not pcall(hex.decode, {}))
