#include "lib_url.h"

#include <string.h>

int edge_url_is_unreserved(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '-'
        || byte == '.' || byte == '_' || byte == '~';
}

static int hex_value(char digit) {
    const char lower = digit | 0x20;
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int edge_url_hex_byte(const char *at, size_t left) {
    if (left < 2 || hex_value(at[0]) < 0 || hex_value(at[1]) < 0) {
        return -1;
    }
    return hex_value(at[0]) << 4 | hex_value(at[1]);
}

void edge_url_push_encoded(lua_State *L, const char *text, size_t length) {
    static const char digits[] = "0123456789ABCDEF";
    size_t reserved = 0;
    for (size_t i = 0; i < length; i++) {
        reserved += !edge_url_is_unreserved(text[i]);
    }
    if (reserved == 0) {
        lua_pushlstring(L, text, length);
        return;
    }
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, length + 2 * reserved);
    for (size_t i = 0; i < length; i++) {
        if (edge_url_is_unreserved(text[i])) {
            *out++ = text[i];
        } else {
            *out++ = '%';
            *out++ = digits[(unsigned char)text[i] >> 4];
            *out++ = digits[(unsigned char)text[i] & 15];
        }
    }
    luaL_pushresultsize(&buffer, length + 2 * reserved);
}

/* url.encode(text) */
static int url_encode(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    edge_url_push_encoded(L, text, length);
    return 1;
}

/* url.decode(text): percent-encoding alone; '+' stays (url.query reads forms). */
static int url_decode(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    if (memchr(text, '%', length) == NULL) {
        lua_pushlstring(L, text, length);
        return 1;
    }
    luaL_Buffer buffer;
    char *const begin = luaL_buffinitsize(L, &buffer, length);
    char *out = begin;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '%') {
            *out++ = text[i];
            continue;
        }
        const int byte = edge_url_hex_byte(text + i + 1, length - i - 1);
        if (byte < 0) {
            return luaL_error(L, "url.decode: '%%' without two hexadecimal digits at position %I",
                              (LUAI_UACINT)(i + 1));
        }
        *out++ = (char)byte;
        i += 2;
    }
    luaL_pushresultsize(&buffer, (size_t)(out - begin));
    return 1;
}

int edge_open_url(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"build", edge_url_build},
        {"decode", url_decode},
        {"encode", url_encode},
        {"parse", edge_url_parse},
        {"query", edge_url_query},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
