-- base64: RFC 4648 vectors, both alphabets, strictness.

local function fails(decode, text, ...)
  local ok, message = pcall(decode, text)
  assert(not ok, "accepted: " .. text)
  for _, part in ipairs({ ... }) do
    assert(message:find(part, 1, true), ("expected %q in %q"):format(part, message))
  end
end

for _, case in ipairs({
  { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
  { "foobar", "Zm9vYmFy" }, { "\0", "AA==" }, { "\0\0\0", "AAAA" }, { "\xFB\xEF\xFF", "++//" }, { "\xFF", "/w==" },
}) do
  local unpadded = case[2]:gsub("=", ""):gsub("+", "-"):gsub("/", "_")
  assert(base64.encode(case[1]) == case[2], case[2])
  assert(base64.decode(case[2]) == case[1], case[2])
  assert(base64.encode_url(case[1]) == unpadded, unpadded)
  assert(base64.decode_url(unpadded) == case[1], unpadded)
end

for _, text in ipairs({ "A", "AA", "AAA", "AAAAA", "AA=", "A===", "====", "=AAA", "AA=A", "AAA=AAAA", "AA==AA==" }) do
  fails(base64.decode, text)
end
fails(base64.decode, "Zm9v!mFy", "base64.decode", "position 5")
fails(base64.decode, "Zm9v\nmFy", "position 5")
fails(base64.decode, "Zm9vYg=", "multiple of 4")
fails(base64.decode, "Zh==", "unused bits")
fails(base64.decode, "Zm9=", "unused bits")
fails(base64.decode, "-_--", "position 1")
fails(base64.decode_url, "++++", "base64.decode_url", "position 1")
fails(base64.decode_url, "Zg==", "padding")
fails(base64.decode_url, "Zm9vY", "whole bytes")
fails(base64.decode_url, "Zh", "unused bits")
fails(base64.decode, "Zm9\xFF", "position 4")
assert(not pcall(base64.encode) and not pcall(base64.encode, {}))

-- Every length around a group and around the buffer that needs no allocation.
for length = 0, 2100 do
  if length < 70 or length > 700 and length < 830 or length > 1000 and length < 1040 or length > 2080 then
    local bytes = {}
    for i = 1, length do
      bytes[i] = string.char((i * 151 + length) % 256)
    end
    local text = table.concat(bytes)
    assert(base64.decode(base64.encode(text)) == text, length)
    assert(base64.decode_url(base64.encode_url(text)) == text, length)
    assert(#base64.encode(text) == (length + 2) // 3 * 4)
  end
end
