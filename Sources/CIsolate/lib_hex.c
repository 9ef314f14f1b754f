#include "libraries.h"

static int hex_encode(lua_State *L) {
    static const char digits[] = "0123456789abcdef";
    size_t length;
    const unsigned char *bytes = (const unsigned char *)luaL_checklstring(L, 1, &length);
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, length * 2);
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    luaL_pushresultsize(&buffer, length * 2);
    return 1;
}

static int digit_value(unsigned char byte) {
    const unsigned char lower = byte | 0x20;
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static int hex_decode(lua_State *L) {
    size_t length;
    const unsigned char *text = (const unsigned char *)luaL_checklstring(L, 1, &length);
    if (length % 2 != 0) {
        return luaL_error(L, "hex.decode: text has an odd number of digits (%I)", (LUAI_UACINT)length);
    }
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, length / 2);
    for (size_t i = 0; i < length; i += 2) {
        const int high = digit_value(text[i]);
        const int low = digit_value(text[i + 1]);
        if (high < 0 || low < 0) {
            const size_t position = high < 0 ? i + 1 : i + 2;
            return luaL_error(L, "hex.decode: no hexadecimal digit at position %I", (LUAI_UACINT)position);
        }
        out[i / 2] = (char)(high << 4 | low);
    }
    luaL_pushresultsize(&buffer, length / 2);
    return 1;
}

int edge_open_hex(lua_State *L) {
    static const luaL_Reg functions[] = {{"decode", hex_decode}, {"encode", hex_encode}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
