#include "libraries.h"

/* RFC 4648: the alphabet of section 4 is padded, that of section 5 (for URLs and file names) is not. */
typedef struct Alphabet {
    char symbols[65];
    char padded;
    const char *decoder;
} Alphabet;

static const Alphabet standard = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 1, "base64.decode"};
static const Alphabet for_urls = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 0, "base64.decode_url"};

static int encode(lua_State *L, const Alphabet *alphabet) {
    const char *symbols = alphabet->symbols;
    size_t length;
    const unsigned char *bytes = (const unsigned char *)luaL_checklstring(L, 1, &length);
    luaL_Buffer buffer;
    char *const begin = luaL_buffinitsize(L, &buffer, length / 3 * 4 + 4);
    char *out = begin;
    for (; length >= 3; length -= 3, bytes += 3) {
        const unsigned group = (unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 | bytes[2];
        *out++ = symbols[group >> 18];
        *out++ = symbols[group >> 12 & 63];
        *out++ = symbols[group >> 6 & 63];
        *out++ = symbols[group & 63];
    }
    if (length > 0) {
        const unsigned group = (unsigned)bytes[0] << 16 | (length == 2 ? (unsigned)bytes[1] << 8 : 0);
        *out++ = symbols[group >> 18];
        *out++ = symbols[group >> 12 & 63];
        if (length == 2) {
            *out++ = symbols[group >> 6 & 63];
        } else if (alphabet->padded) {
            *out++ = '=';
        }
        if (alphabet->padded) {
            *out++ = '=';
        }
    }
    luaL_pushresultsize(&buffer, (size_t)(out - begin));
    return 1;
}

/* -1 for a byte outside the alphabet. */
static int symbol_value(const Alphabet *alphabet, unsigned char byte) {
    if (byte >= 'A' && byte <= 'Z') {
        return byte - 'A';
    }
    if (byte >= 'a' && byte <= 'z') {
        return byte - 'a' + 26;
    }
    if (byte >= '0' && byte <= '9') {
        return byte - '0' + 52;
    }
    return byte == (unsigned char)alphabet->symbols[62] ? 62 : byte == (unsigned char)alphabet->symbols[63] ? 63 : -1;
}

/* How many symbols come before the padding; raises an error when their number can't be right. */
static size_t count_symbols(lua_State *L, const Alphabet *alphabet, const unsigned char *text, size_t length) {
    size_t symbols = length;
    if (alphabet->padded) {
        if (length % 4 != 0) {
            luaL_error(L, "%s: length %I is no multiple of 4", alphabet->decoder, (LUAI_UACINT)length);
        }
        for (int i = 0; i < 2 && symbols > 0 && text[symbols - 1] == '='; i++) {
            symbols--;
        }
    } else if (length > 0 && text[length - 1] == '=') {
        luaL_error(L, "%s: padding is not used in base64url (position %I)", alphabet->decoder, (LUAI_UACINT)length);
    }
    if (symbols % 4 == 1) {
        luaL_error(L, "%s: %I symbols can't hold whole bytes", alphabet->decoder, (LUAI_UACINT)symbols);
    }
    return symbols;
}

static unsigned decode_symbol(lua_State *L, const Alphabet *alphabet, const unsigned char *text, size_t index) {
    const int value = symbol_value(alphabet, text[index]);
    if (value < 0) {
        luaL_error(L, "%s: invalid symbol at position %I", alphabet->decoder, (LUAI_UACINT)(index + 1));
    }
    return (unsigned)value;
}

/* Strict: no space, canonical padding, and no bit set that no byte holds; so every text has one spelling. */
static int decode(lua_State *L, const Alphabet *alphabet) {
    size_t length;
    const unsigned char *text = (const unsigned char *)luaL_checklstring(L, 1, &length);
    const size_t symbols = count_symbols(L, alphabet, text, length);
    luaL_Buffer buffer;
    char *const begin = luaL_buffinitsize(L, &buffer, symbols / 4 * 3 + 2);
    char *out = begin;
    unsigned bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < symbols; i++) {
        bits = (bits << 6 | decode_symbol(L, alphabet, text, i)) & 0xFFFF;
        held += 6;
        if (held >= 8) {
            held -= 8;
            *out++ = (char)(bits >> held);
        }
    }
    if ((bits & ((1u << held) - 1)) != 0) {
        return luaL_error(L, "%s: unused bits set at position %I", alphabet->decoder, (LUAI_UACINT)symbols);
    }
    luaL_pushresultsize(&buffer, (size_t)(out - begin));
    return 1;
}

static int base64_encode(lua_State *L) {
    return encode(L, &standard);
}

static int base64_decode(lua_State *L) {
    return decode(L, &standard);
}

static int base64_encode_url(lua_State *L) {
    return encode(L, &for_urls);
}

static int base64_decode_url(lua_State *L) {
    return decode(L, &for_urls);
}

int edge_open_base64(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"decode", base64_decode},
        {"decode_url", base64_decode_url},
        {"encode", base64_encode},
        {"encode_url", base64_encode_url},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
