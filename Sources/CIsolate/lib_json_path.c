#include "lib_json_encode.h"

#include <stdio.h>
#include <string.h>

#define PATH_MAX_BYTES 160
#define KEY_MAX_BYTES 40

typedef struct Path {
    char text[PATH_MAX_BYTES];
    size_t length;
} Path;

static int is_identifier(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        const char byte = text[i];
        const int letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
        if (!letter && (i == 0 || byte < '0' || byte > '9')) {
            return 0;
        }
    }
    return length > 0;
}

/* A key as a path shows it: `.name`, or `["other text"]` with whatever is not printable ASCII as '?'. */
static size_t format_key(char out[KEY_MAX_BYTES + 8], const char *key, size_t length) {
    const size_t shown = length < KEY_MAX_BYTES ? length : KEY_MAX_BYTES;
    if (is_identifier(key, length)) {
        out[0] = '.';
        memcpy(out + 1, key, shown);
        return shown + 1;
    }
    memcpy(out, "[\"", 2);
    for (size_t i = 0; i < shown; i++) {
        out[2 + i] = key[i] >= 0x20 && key[i] < 0x7F ? key[i] : '?';
    }
    memcpy(out + 2 + shown, "\"]", 2);
    return shown + 4;
}

/* Appends one step, or "..." when there is no room; 0 when the path is full. */
static int append(Path *path, const char *text, size_t length) {
    if (path->length + length + 4 > sizeof path->text) {
        memcpy(path->text + path->length, "...", 4);
        return 0;
    }
    memcpy(path->text + path->length, text, length);
    path->length += length;
    path->text[path->length] = '\0';
    return 1;
}

static int append_frame(Path *path, lua_State *L, const JSONFrame *frame) {
    char step[KEY_MAX_BYTES + 8];
    size_t length = 0;
    if (frame->key != 0) {
        size_t key_length;
        const char *key = lua_tolstring(L, frame->key, &key_length);
        length = format_key(step, key, key_length);
    } else if (frame->index != 0) {
        length = (size_t)snprintf(step, sizeof step, "[%lld]", (long long)frame->index);
    }
    return append(path, step, length);
}

_Noreturn void edge_json_encode_fail(const JSONEncoder *e, const char *message) {
    const JSONFrame *frames[EDGE_JSON_DEPTH_MAX];
    int count = 0;
    for (const JSONFrame *frame = e->frame; frame != NULL; frame = frame->parent) {
        frames[count++] = frame;
    }
    Path path = {.length = 0, .text = ""};
    while (count > 0 && append_frame(&path, e->L, frames[count - 1])) {
        count--;
    }
    luaL_error(e->L, "json.encode: %s (at %s)", message, path.text[0] == '\0' ? "the top" : path.text);
    __builtin_unreachable();
}
