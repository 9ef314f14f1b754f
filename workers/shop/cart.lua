-- Carts in a KV namespace, one key a user, kept for a day.
local catalog = require "catalog"

local cart = {}

-- Adds to a user's cart; tries again where another request wrote it in between.
function cart.add(carts, user, item, count)
  while true do
    local items, _, version = carts:get_with_metadata(user, { type = "json" })
    items = items or json.array {}
    local known = false
    for _, entry in ipairs(items) do
      if entry.item == item then
        entry.count, known = entry.count + count, true
      end
    end
    if not known then
      items[#items + 1] = { item = item, count = count }
    end
    local condition = version and { if_version = version } or { if_absent = true }
    condition.ttl = 24 * 3600
    if carts:put(user, items, condition) then
      return items
    end
  end
end

function cart.show(carts, user, currency)
  local items = carts:get(user, { type = "json" }) or json.array {}
  local cents = 0
  for _, entry in ipairs(items) do
    cents = cents + catalog.price(entry.item) * entry.count
  end
  return { user = user, items = items, total = cents / 100, currency = currency }
end

return cart
