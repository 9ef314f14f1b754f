/// The Lua side of the targets: what must hold inside of an isolate, for bytes from outside.
enum FuzzPrelude {
    static let text = """
        local host = ...
        local decode, encode, parse, build, query = json.decode, json.encode, url.parse, url.build, url.query
        local pcall, load, error, type, pairs, tostring = pcall, load, error, type, pairs, tostring
        local SORTED = { sorted = true }
        local entries = {}

        local function same(name, one, other)
          if one ~= other then error(("%s: %q is not %q"):format(name, one, other), 0) end
        end

        -- The member of an array that a flat message is, or nothing.
        function entries.at(message, index)
          local ok, value = pcall(host.at, message, index)
          if ok then return true, value end
          return false
        end

        function entries.echo(value) return value end

        -- The text that a decoded text is encoded as, or why it can't be decoded.
        function entries.json(text)
          local ok, value = pcall(decode, text)
          if not ok then return false, value end
          local once = encode(value, SORTED)
          same("encode", encode(decode(once), SORTED), once)
          same("pretty", encode(decode(encode(value, { sorted = true, pretty = true })), SORTED), once)
          return true, once
        end

        function entries.url(text)
          same("url.encode", url.decode(url.encode(text)), text)
          same("hex", hex.decode(hex.encode(text)), text)
          same("base64", base64.decode(base64.encode(text)), text)
          same("base64_url", base64.decode_url(base64.encode_url(text)), text)
          local escaped = html.escape(text)
          if escaped:find("[<>\\"']") then error("html.escape leaves a special character", 0) end
          for _, decoder in pairs { hex.decode, base64.decode, base64.decode_url, url.decode, query } do
            pcall(decoder, text)
          end
          local ok, parts = pcall(parse, text)
          if not ok then return end
          local built = build(parts)
          local again = parse(built)
          for name, value in pairs(parts) do same(name, tostring(again[name]), tostring(value)) end
          for name in pairs(again) do
            if parts[name] == nil then error(name .. " was not there", 0) end
          end
          same("url.build", build(again), built)
        end

        -- Compiles a text and runs it with nothing in reach.
        function entries.source(text)
          local chunk, problem = load(text, "=fuzz", "t", {})
          if chunk == nil then
            if type(problem) ~= "string" then error("a syntax error is no text", 0) end
            return
          end
          pcall(chunk)
        end

        return entries
        """
}
