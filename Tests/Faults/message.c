#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(bytes *self, size_t extra) {
    if (self->length + extra <= self->capacity) {
        return;
    }
    size_t capacity = 2 * self->capacity + extra;
    uint8_t *data = realloc(self->data, capacity);
    if (data == NULL) {
        fputs("no memory for the harness itself\n", stderr);
        exit(2);
    }
    self->data = data;
    self->capacity = capacity;
}

void bytes_append(bytes *self, const void *data, size_t length) {
    reserve(self, length);
    if (length > 0) {
        memcpy(self->data + self->length, data, length);
    }
    self->length += length;
}

void bytes_free(bytes *self) {
    free(self->data);
    *self = (bytes){0};
}

bool bytes_equal(const bytes *left, const bytes *right) {
    return left->length == right->length &&
           (left->length == 0 || memcmp(left->data, right->data, left->length) == 0);
}

void put_byte(bytes *self, uint8_t byte) {
    bytes_append(self, &byte, 1);
}

static void put_head(bytes *self, uint8_t tag, uint32_t count) {
    put_byte(self, tag);
    bytes_append(self, &count, sizeof count);
}

void put_nil(bytes *self) {
    put_byte(self, EDGE_TAG_NIL);
}

void put_integer(bytes *self, int64_t value) {
    put_byte(self, EDGE_TAG_INTEGER);
    bytes_append(self, &value, sizeof value);
}

void put_string(bytes *self, const char *text, size_t length) {
    put_head(self, EDGE_TAG_STRING, (uint32_t)length);
    bytes_append(self, text, length);
}

void put_text(bytes *self, const char *text) {
    put_string(self, text, strlen(text));
}

void put_filler(bytes *self, size_t length) {
    put_head(self, EDGE_TAG_STRING, (uint32_t)length);
    reserve(self, length);
    memset(self->data + self->length, 'x', length);
    self->length += length;
}

void put_array(bytes *self, uint32_t count) {
    put_head(self, EDGE_TAG_ARRAY, count);
}

void put_table(bytes *self, uint32_t count) {
    put_head(self, EDGE_TAG_TABLE, count);
}
