// What bench/suite/workloads.py asks of a worker, for the peers that run JavaScript. The store outlives the requests of the
// one process; its values are text, as those of a store that processes share.
const store = new Map();

export function hello(url) {
  return `Hello, ${new URL(url, "http://localhost").searchParams.get("name") || "world"}!\n`;
}

export function putCatalog(text) {
  store.set("catalog", text);
}

export function shop(text) {
  const order = JSON.parse(text);
  const catalog = JSON.parse(store.get("catalog"));
  let total = 0;
  for (const line of order.lines) total += catalog[line.item] * line.count;
  return JSON.stringify({ user: order.user, total, lines: order.lines.length });
}
