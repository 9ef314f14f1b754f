-- Floats in JSON, held against strtod (tonumber) and snprintf (string.format).

local seed = 20261127
local state = seed
local function below(limit)
  state = (state * 6364136223846793005 + 1442695040888963407)
  return math.ult(state >> 33, limit) and state >> 33 or (state >> 33) % limit
end

local function bits(float)
  return string.unpack("<i8", string.pack("<d", float))
end

local function float_of(word)
  return (string.unpack("<d", string.pack("<i8", word)))
end

local function check_decode(text)
  local value, expected = json.decode(text), tonumber(text)
  assert(math.type(value) == "float", text .. " is no float")
  assert(bits(value) == bits(expected), ("seed %d: %s gave %.17g"):format(seed, text, value))
end

-- The shortest of three texts that reads back as the float.
local function expected_text(float)
  local text
  for digits = 15, 17 do
    text = ("%." .. digits .. "g"):format(float)
    if tonumber(text) == float then break end
  end
  return text:find("[.e]") and text or text .. ".0"
end

local function check_encode(float)
  local text, expected = json.encode(float), expected_text(float)
  assert(text == expected, ("seed %d: expected %s, got %s"):format(seed, expected, text))
  assert(bits(json.decode(text)) == bits(float), text)
end

local function digits(count)
  local parts = {}
  for i = 1, count do parts[i] = below(10) end
  return table.concat(parts)
end

-- Decimals of up to 22 digits with the point anywhere and exponents about where the computed ones end.
for _ = 1, 6000 do
  local whole = below(3) == 0 and "0" or tostring(1 + below(9)) .. digits(below(12))
  local text = (below(2) == 0 and "-" or "") .. whole .. "." .. digits(1 + below(10))
  if below(2) == 0 then text = text .. ("eE"):sub(below(2) + 1):sub(1, 1) .. ({ "", "+", "-" })[1 + below(3)] .. below(34) end
  check_decode(text)
end

-- Halfway between two floats, and next to it: the last bit decides.
for _ = 1, 2000 do
  local odd = (1 << 53 | below(1 << 31) << 21 | below(1 << 21)) + 1 | 1
  for _, text in ipairs({ odd .. ".0", odd .. "e0", odd * 4 .. ".5", odd + 1 .. ".0", odd * 16 + 15 .. "e3" }) do
    check_decode(text)
  end
end
for _, text in ipairs({
  "9007199254740992.0", "9007199254740993.0", "9007199254740993.00", "9007199254740994.0", "9007199254740995.0",
  "0.0", "-0.0", "0e27", "0.000e-27", "1e22", "1e23", "1e27", "1e28", "1e-22", "1e-23", "1e-27", "1e-28",
  "9999999999999999999e0", "9999999999999999999e27", "9999999999999999999e-27", "0.9999999999999999999",
  "18446744073709551615e0", "18446744073709551616e0", "1844674407370955161.5e1", "0.1e1", "1.7976931348623157e308",
  -- Above the middle by less than the 64 bits of a quotient show.
  "1758005374726338550e-27", "9965139146408137678e-26", "6088645034121033714e-27", "7874666111921788037e-26",
  "9279525541786753646e-27", "3638709840033456655e-26", "1279735517142693964e-27", "4653747730749826655e-26",
  "2.2250738585072011e-308", "4503599627370496.5", "4503599627370497.5", "0.500000000000000166533453693773481063",
}) do
  check_decode(text)
end

-- Every bit pattern has a text.
for _ = 1, 3000 do
  local float = float_of(below(1 << 31) << 33 | below(1 << 31) << 2 | below(4))
  if float - float == 0 then check_encode(float) end
end

-- Ordinary sizes, from what is too small to be computed to what is too large.
for exponent = -16, 54 do
  local power = 2.0 ^ exponent
  for _, step in ipairs({ -2, -1, 0, 1, 2 }) do check_encode(float_of(bits(power) + step)) end
  for _ = 1, 60 do check_encode(float_of(bits(power) | below(1 << 31) << 21 | below(1 << 21))) end
end
for exponent = -6, 18 do
  local power = tonumber("1e" .. exponent)
  for step = -3, 3 do check_encode(float_of(bits(power) + step)) end
end

-- Decimals as people write them, and their neighbours.
for _ = 1, 3000 do
  local decimal = tonumber(below(10 ^ (1 + below(9)) // 1 | 0) .. "." .. digits(1 + below(8)))
  check_encode(decimal)
  check_encode(-decimal)
  check_encode(float_of(bits(decimal) + below(3)))
end

-- Exactly halfway at the 15th, 16th and 17th digit.
for _ = 1, 500 do
  check_encode(below(1 << 20) + 2.0 ^ -(1 + below(30)))
  check_encode((below(1 << 31) << 19 | below(1 << 19)) + 0.5)
  check_encode((below(1 << 31) << 17 | below(1 << 17)) + 0.125)
end

-- Integers keep every digit.
for length = 1, 19 do
  for _ = 1, 20 do
    local text = tostring(1 + below(8)) .. digits(length - 1)
    assert(json.encode(math.tointeger(text)) == text and json.encode(json.decode("-" .. text)) == "-" .. text)
  end
end
