"""The work that several parts ask for: the same two on edgehost and on its peers, and what their answers must be."""

import json
import os

import edge

with open(os.path.join(edge.ROOT, "workers/hello.lua")) as file:
    HELLO = file.read()

# Parses a JSON body of 1 KB, reads the shared store, answers JSON. PUT fills the store.
SHOP = """
return function(request, env)
  if request.method == "PUT" then env.KV:put("catalog", request:json()) return { status = 204 } end
  local order = request:json()
  local catalog = env.KV:get("catalog", { type = "json" })
  local total = 0
  for _, line in ipairs(order.lines) do total = total + catalog[line.item] * line.count end
  return Response.json { user = order.user, total = total, lines = #order.lines }
end
"""
CATALOG = '{"tea":350,"coffee":420,"cake":500}'
LINES = 21
ORDER = '{"user":"ada","lines":[' + ",".join(['{"item":"coffee","count":2,"note":"no sugar"}'] * LINES) + "]}"
JSON_TYPE = ["--header", "content-type: application/json"]
# The path and the options of `edgehost bench http`.
HELLO_WORK = ("/hello?name=Ada", [])
SHOP_WORK = ("/shop", ["--method", "POST", *JSON_TYPE, "--body", ORDER])


def is_hello(status, body):
    return (status, body) == (200, b"Hello, Ada!\n")


def is_shop(status, body):
    return status == 200 and json.loads(body) == {"user": "ada", "total": 2 * 420 * LINES, "lines": LINES}
