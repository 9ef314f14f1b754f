// node server.mjs PORT: the work of the suite in node's own server.
import http from "node:http";
import { hello, putCatalog, shop } from "../shop.mjs";

function answer(response, type, body) {
  response.writeHead(200, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

const server = http.createServer((request, response) => {
  if (request.url.startsWith("/hello")) {
    answer(response, "text/plain; charset=utf-8", hello(request.url));
    return;
  }
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const text = Buffer.concat(parts).toString();
    if (request.method === "PUT") {
      putCatalog(text);
      response.writeHead(204).end();
    } else {
      answer(response, "application/json", shop(text));
    }
  });
});
server.keepAliveTimeout = 600000;
server.listen(Number(process.argv[2]), "127.0.0.1");
