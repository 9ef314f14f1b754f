-- Patch 0006: `break` in a generic `for` whose variable is captured must close the loop's closing value. The system's
-- archive closes it late: an error of this script.
local closed = 0
local guard = setmetatable({}, { __close = function() closed = closed + 1 end })

local function leave()
  for key in next, { 10, 20 }, nil, guard do
    local function captured() return key end
    if captured() then break end
  end
  assert(closed == 1, "not closed by break")
end
leave()

local function leave_nested()
  for key in next, { 10 }, nil, guard do
    for inner in next, { 20 }, nil, guard do
      local function captured() return key, inner end
      if captured() then break end
    end
    assert(closed == 2, "the inner loop's value is not closed by break")
  end
  assert(closed == 3)
end
leave_nested()
