-- The start page: what is served here, as HTML.
local page = [[
<!doctype html>
<meta charset="utf-8">
<title>edgehost</title>
<h1>edgehost</h1>
<p>Each request to these workers runs in an isolate of its own. This one has the id <code>%s</code>.</p>
<ul>
  <li><a href="/hello?name=you">/hello</a>: the shortest worker
  <li><a href="/counter">/counter</a>: counts in the KV store
  <li><code>POST /echo</code>: JSON in and out
  <li><a href="/shop">/shop</a>: a folder with modules and routes
</ul>
]]

return function(_, _, ctx)
  return Response.html(page:format(ctx.request_id))
end
