-- A worker that is a folder: routes with placeholders, modules of its own and a shared one.
--   curl localhost:8080/shop                                      the goods
--   curl localhost:8080/shop/ada -d '{"item": "tea", "count": 2}' puts into Ada's cart
--   curl localhost:8080/shop/ada                                  shows it
local cart = require "cart"
local catalog = require "catalog"
local answer = require "lib.answer"

return {
  routes = { "GET /shop", "GET /shop/:user", "POST /shop/:user", "DELETE /shop/:user" },
  kv = { "CARTS" },
  vars = { CURRENCY = "EUR" },
  limits = { cpu_ms = 50, wall_ms = 5000, memory_mb = 16 },

  fetch = function(request, env, ctx)
    local user = request.params.user
    if not user then
      return Response.json(catalog.list(env.CURRENCY))
    elseif request.method == "GET" then
      return Response.json(cart.show(env.CARTS, user, env.CURRENCY))
    elseif request.method == "DELETE" then
      env.CARTS:delete(user)
      return { status = 204 }
    end
    local order = request:json()
    if type(order) ~= "table" or not catalog.price(order.item) then
      return answer.problem(422, "there is no such item: see /shop")
    end
    local items = cart.add(env.CARTS, user, order.item, order.count or 1)
    ctx:wait_until(function()
      log.info("cart saved", { user = user, kinds = #items })
    end)
    return Response.json(cart.show(env.CARTS, user, env.CURRENCY), { status = 201 })
  end,
}
