-- What the shop sells. Built once, when the worker is loaded; every request starts with it.
local prices = { tea = 350, coffee = 420, cake = 500 }

local catalog = {}

-- The price of an item in cents, nil where there is none.
function catalog.price(item)
  return prices[item]
end

function catalog.list(currency)
  local goods = {}
  for item, cents in pairs(prices) do
    goods[#goods + 1] = { item = item, price = cents / 100, currency = currency }
  end
  table.sort(goods, function(a, b) return a.item < b.item end)
  return goods
end

return catalog
