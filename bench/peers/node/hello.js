// What workers/hello.lua does, in node's own server.
const http = require("http");
const server = http.createServer((request, response) => {
  const name = new URL(request.url, "http://localhost").searchParams.get("name") || "world";
  const body = `Hello, ${name}!\n`;
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "content-length": Buffer.byteLength(body) });
  response.end(body);
});
server.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
