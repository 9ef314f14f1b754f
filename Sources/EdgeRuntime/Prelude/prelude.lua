-- The part of the worker API that is best said in Lua: objects and their methods over host calls. It runs once per image,
-- before the script, and returns the entries the host runs. Everything here is copied for each request: keep it small.
--
-- `host` has bind, at, first_values, fresh, now and usage (lib_host.c); `operations` maps names to numbers (HostOperation.swift).

local host, operations = ...
local at, first_values_of = host.at, host.first_values
local rawget, rawset, type, setmetatable, error, load, pcall, next, lower, gmatch, match, concat =
  rawget, rawset, type, setmetatable, error, load, pcall, next, string.lower, string.gmatch, string.match, table.concat
local json_decode, json_encode, query_parse = json.decode, json.encode, url.query
local unpack, log_error = table.unpack, log.error

local function bind(operation, name, at_top_level)
  return host.bind(operations[operation], name or operation, at_top_level or false)
end

-- Modules ------------------------------------------------------------------------------------------------------------

local find_module = bind("module", "require", true)
local loaded = {
  string = string, table = table, math = math, utf8 = utf8, coroutine = coroutine, os = os,
  json = json, base64 = base64, hex = hex, url = url, html = html, log = log,
}
local LOADING = {}

function require(name)
  local module = loaded[name]
  if module == LOADING then
    error("require: module '" .. name .. "' requires itself, directly or through another module", 2)
  elseif module ~= nil then
    return module
  end
  local source, path = find_module(name)
  local chunk, problem = load(source, "@" .. path)
  if not chunk then error(problem, 0) end
  loaded[name] = LOADING
  local ok, result = pcall(chunk, name, path)
  if not ok then
    loaded[name] = nil
    error(result, 0)
  end
  loaded[name] = result == nil and true or result
  return loaded[name]
end

-- Requests: one isolate serves one request, so its message is an upvalue and a field is decoded when it is first read. --

local message, body
local first_values, all_values, header_order

local function read_headers()
  if first_values then return end
  first_values, all_values, header_order = {}, {}, {}
  local list = at(message, 8)
  for i = 1, #list, 2 do
    local name, value = list[i], list[i + 1]
    local values = all_values[name]
    if values then
      values[#values + 1] = value
    else
      first_values[name], all_values[name] = value, { value }
      header_order[#header_order + 1] = name
    end
  end
end

local Headers = {}
local header_methods = {
  get_all = function(_, name) return { unpack(all_values[lower(name)] or {}) } end,
}
function Headers.__index(_, name)
  if type(name) == "string" then return header_methods[name] or first_values[lower(name)] end
end
function Headers.__pairs()
  local i = 0
  return function()
    i = i + 1
    local name = header_order[i]
    return name, first_values[name]
  end
end

local ask_body = bind("request.text", "request:text")
local body_chunk = bind("request.chunk", "request:chunks")
local body_multipart = bind("request.multipart", "request:form")

-- A large body does not come with the event.
local function body_text() return body or ask_body() end

local Request = {}
local fields = {
  method = 1, scheme = 2, host = 3, path = 4, query_string = 5, http_version = 6, ip = 7, params = 9, id = 10,
}
local methods = {
  text = body_text,
  json = function()
    local ok, value = pcall(json_decode, body_text())
    if not ok then error("request:json: " .. value, 2) end
    return value
  end,
  form = function(self)
    local content_type = lower(self.headers["content-type"] or "")
    if content_type:find("multipart/form-data", 1, true) == 1 then
      return body_multipart(self.headers["content-type"])
    elseif content_type:find("application/x-www-form-urlencoded", 1, true) == 1 then
      return (query_parse(body_text()))
    end
    error("request:form: the content-type is neither application/x-www-form-urlencoded nor multipart/form-data", 2)
  end,
  chunks = function()
    local offset = 0
    return function()
      local chunk = body_chunk(offset)
      if chunk then offset = offset + #chunk end
      return chunk
    end
  end,
}
-- What the script has put there, or what was sent.
local function query_text(self) return rawget(self, "query_string") or at(message, 5) end

local derived = {
  headers = function()
    read_headers()
    return setmetatable({}, Headers)
  end,
  query = function(self) return first_values_of(query_text(self)) end,
  queries = function(self)
    local _, all = query_parse(query_text(self))
    return all
  end,
  cookies = function(self)
    local cookies = {}
    for pair in gmatch(concat(self.headers:get_all("cookie"), ";"), "[^;]+") do
      local name, value = match(pair, "^%s*([^=%s]+)%s*=%s*\"?(.-)\"?%s*$")
      if name and cookies[name] == nil then cookies[name] = value end
    end
    return cookies
  end,
  url = function(self)
    local query = self.query_string
    return self.scheme .. "://" .. self.host .. self.path .. (query ~= "" and "?" .. query or "")
  end,
}
function Request.__index(self, name)
  local index = fields[name]
  local derive = not index and derived[name]
  if not index and not derive then return methods[name] end
  local value = index and at(message, index) or derive(self)
  rawset(self, name, value)
  return value
end

-- Responses: plain tables, which the host checks ------------------------------------------------------------------------

local function json_headers() return { ["content-type"] = "application/json" } end
local JSON = json_headers()
local TEXT = { ["content-type"] = "text/plain; charset=utf-8" }
local HTML = { ["content-type"] = "text/html; charset=utf-8" }
local EVENTS = { ["content-type"] = "text/event-stream", ["cache-control"] = "no-cache" }

-- The fields of `init`, whatever they are, and `defaults` for the header fields it lacks.
local function response(caller, defaults, init, body)
  if init == nil then
    local headers = {}
    for name, value in next, defaults do headers[name] = value end
    return { headers = headers, body = body }
  elseif type(init) ~= "table" then
    error("Response." .. caller .. ": the last argument is a table { status =, headers = }, got a " .. type(init), 2)
  end
  local result, headers, given = { headers = {} }, {}, {}
  for name, value in pairs(init) do result[name] = value end
  result.body = body
  if type(result.headers) == "table" then
    for name, value in pairs(result.headers) do
      headers[name], given[lower(tostring(name))] = value, true
    end
    for name, value in pairs(defaults) do
      headers[name] = headers[name] or not given[name] and value or nil
    end
    result.headers = headers
  end
  return result
end

local function event_lines(event)
  if type(event) ~= "table" then event = { data = event } end
  local lines = {}
  for _, field in ipairs { "event", "id", "retry" } do
    if event[field] ~= nil then
      lines[#lines + 1] = field .. ": " .. tostring(event[field]):gsub("[\r\n]", " ") .. "\n"
    end
  end
  local data = event.data
  if type(data) == "table" then data = json_encode(data) end
  for line in gmatch((tostring(data == nil and "" or data):gsub("\r\n?", "\n")) .. "\n", "(.-)\n") do
    lines[#lines + 1] = "data: " .. line .. "\n"
  end
  return concat(lines) .. "\n"
end

Response = {
  json = function(value, init)
    local ok, text = pcall(json_encode, value)
    if not ok then error("Response.json: " .. text, 2) end
    if init == nil then return { headers = json_headers(), body = text } end
    return response("json", JSON, init, text)
  end,
  text = function(text, init) return response("text", TEXT, init, text) end,
  html = function(text, init) return response("html", HTML, init, text) end,
  redirect = function(location, status)
    if type(location) ~= "string" then
      error("Response.redirect: the location is a string, got a " .. type(location), 2)
    end
    return { status = status or 302, headers = { location = location }, body = "" }
  end,
  not_found = function(text)
    return response("not_found", TEXT, { status = 404 }, text or "not found")
  end,
  stream = function(produce, init)
    local result = response("stream", TEXT, init)
    result.stream = produce or false
    return result
  end,
  sse = function(produce, init)
    local result = response("sse", EVENTS, init)
    result.stream = type(produce) == "function" and function(write)
      return produce(function(event)
        write(event_lines(event))
      end)
    end
    return result
  end,
}

-- KV -------------------------------------------------------------------------------------------------------------------

local kv_get, kv_get_many = bind "kv.get", bind "kv.get_many"
local kv_put, kv_compare = bind "kv.put", bind "kv.compare_and_put"

local function as_asked(value, options)
  if value ~= nil and options and options.type == "json" then return json_decode(value) end
  return value
end

-- Equal tables must have equal bytes, whatever image wrote them: compare_and_put compares bytes.
local SORTED = { sorted = true }

-- The bytes of a value and their kind.
local function stored(value, caller)
  if type(value) == "string" then return value, "text" end
  local ok, text = pcall(json_encode, value, SORTED)
  if not ok then error(caller .. ": the value can't be stored: " .. text, 3) end
  return text, "json"
end

local function with_metadata(options)
  if type(options) == "table" and options.metadata ~= nil then
    local copy = {}
    for name, value in pairs(options) do copy[name] = value end
    copy.metadata = json_encode(options.metadata)
    return copy
  end
  return options
end

local KV = {
  delete = bind "kv.delete",
  increment = bind "kv.increment",
  get = function(self, key, options) return as_asked(kv_get(self, key, options), options) end,
  get_with_metadata = function(self, key, options)
    local value, metadata, version = kv_get(self, key, options)
    return as_asked(value, options), metadata and json_decode(metadata), version
  end,
  get_many = function(self, keys, options)
    local values = kv_get_many(self, keys, options)
    for key, value in pairs(values) do values[key] = as_asked(value, options) end
    return values
  end,
  put = function(self, key, value, options)
    local text, kind = stored(value, "kv.put")
    return kv_put(self, key, text, kind, with_metadata(options))
  end,
  compare_and_put = function(self, key, expected, value, options)
    local text, kind = stored(value, "kv.compare_and_put")
    if expected ~= nil then expected = stored(expected, "kv.compare_and_put") end
    return kv_compare(self, key, text, kind, with_metadata(options), expected)
  end,
}
local kv_list = bind "kv.list"
function KV.list(self, options)
  local keys, cursor = kv_list(self, options)
  for _, key in ipairs(keys) do key.metadata = key.metadata and json_decode(key.metadata) end
  return keys, cursor
end
KV.__index = KV

-- The context of a request ------------------------------------------------------------------------------------------------

local pending = {}
local remaining = bind("context.remaining", "ctx:remaining_ms")
local Context = {
  wait_until = function(_, task)
    if type(task) ~= "function" then
      error("ctx:wait_until: a function is expected, got " .. type(task), 2)
    end
    pending[#pending + 1] = task
  end,
  usage = function()
    local cpu_us, heap_bytes, host_calls = host.usage()
    return { cpu_us = cpu_us, heap_bytes = heap_bytes, host_calls = host_calls }
  end,
  remaining_ms = function() return remaining() end,
}
function Context.__index(_, name)
  if name == "request_id" then return at(message, 10) end
  return Context[name]
end

now, sleep, fetch = host.now, bind "sleep", bind "fetch"

-- Entries --------------------------------------------------------------------------------------------------------------

local handlers, env = {}, {}
local read_secret = bind("secret", "env")
local send, begin, write, finish =
  bind "response.send", bind "response.begin", bind "write", bind "response.finish"

-- One request each: made with the image, so that no request has to.
local request, context = host.fresh(Request, 4), host.fresh(Context, 0)

local entries = {}

-- load(path, source) -> what the script returned
function entries.load(path, source)
  local chunk, problem = load(source, "@" .. path)
  if not chunk then error(problem, 0) end
  local result = chunk(path)
  if type(result) == "function" then
    handlers.fetch = result
  elseif type(result) == "table" then
    handlers = { fetch = result.fetch, scheduled = result.scheduled, queue = result.queue }
  end
  return result
end

-- configure(vars, kv namespaces, secret names)
function entries.configure(vars, namespaces, secrets)
  for name, value in pairs(vars) do env[name] = value end
  for _, name in ipairs(namespaces) do env[name] = setmetatable({ namespace = name }, KV) end
  if #secrets > 0 then
    local known = {}
    for _, name in ipairs(secrets) do known[name] = true end
    setmetatable(env, {
      __index = function(_, name) return known[name] and read_secret(name) or nil end,
    })
  end
end

-- Each task runs, whatever becomes of those before it; the first failure is the outcome.
local function run_pending()
  local first
  for _, task in ipairs(pending) do
    local result = { pcall(task) }
    if not result[1] then
      if first then
        log_error("another task of ctx:wait_until failed", { error = tostring(result[2]) })
      end
      first = first or result
    end
  end
  if first then error(first[2], 0) end
end

-- dispatch(event, message, body) -> the response, unless it was sent or streamed before
function entries.dispatch(event, bytes, text)
  message, body = bytes, text
  local result = handlers[event](request, env, context)
  if type(result) == "table" and result.stream ~= nil then
    if type(result.stream) ~= "function" then
      error("the stream of a response is a function that writes the body", 0)
    end
    begin(result.status, result.headers)
    result.stream(write)
    finish()
  elseif #pending == 0 then
    return result
  else
    send(result)
  end
  run_pending()
end

return entries
