#include "libraries.h"

#include <string.h>

/* What replaces a byte that means something in HTML text or in a quoted attribute value, or NULL. */
static const char *replacement(char byte) {
    switch (byte) {
        case '&': return "&amp;";
        case '<': return "&lt;";
        case '>': return "&gt;";
        case '"': return "&quot;";
        case '\'': return "&#39;";
        default: return NULL;
    }
}

/* html.escape(text) */
static int html_escape(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    size_t escaped = 0;
    for (size_t i = 0; i < length; i++) {
        const char *entity = replacement(text[i]);
        escaped += entity == NULL ? 1 : strlen(entity);
    }
    if (escaped == length) {
        lua_settop(L, 1);
        return 1;
    }
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, escaped);
    for (size_t i = 0; i < length; i++) {
        const char *entity = replacement(text[i]);
        if (entity == NULL) {
            *out++ = text[i];
        } else {
            const size_t count = strlen(entity);
            memcpy(out, entity, count);
            out += count;
        }
    }
    luaL_pushresultsize(&buffer, escaped);
    return 1;
}

int edge_open_html(lua_State *L) {
    static const luaL_Reg functions[] = {{"escape", html_escape}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
