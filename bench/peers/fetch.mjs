// deno run --allow-net fetch.mjs PORT, and bun fetch.mjs PORT: the work of the suite in their own servers.
import { hello, putCatalog, shop } from "./shop.mjs";

async function fetch(request) {
  const path = request.url.slice(request.url.indexOf("/", 8));
  if (path.startsWith("/hello")) return new Response(hello(request.url));
  const text = await request.text();
  if (request.method === "PUT") {
    putCatalog(text);
    return new Response(null, { status: 204 });
  }
  return new Response(shop(text), { headers: { "content-type": "application/json" } });
}

if (globalThis.Bun) {
  Bun.serve({ port: Number(process.argv[2]), hostname: "127.0.0.1", fetch });
} else {
  Deno.serve({ port: Number(Deno.args[0]), hostname: "127.0.0.1", onListen() {} }, fetch);
}
