#ifndef EDGE_FAULTS_MESSAGE_H
#define EDGE_FAULTS_MESSAGE_H

// Writes flat messages (the tags of CIsolate.h).

#include "guest.h"

void put_byte(bytes *self, uint8_t byte);
void put_nil(bytes *self);
void put_integer(bytes *self, int64_t value);
void put_string(bytes *self, const char *text, size_t length);
void put_text(bytes *self, const char *text);
/// A string of so many bytes.
void put_filler(bytes *self, size_t length);
/// Its members follow.
void put_array(bytes *self, uint32_t count);
/// Its keys and values follow, in turns.
void put_table(bytes *self, uint32_t count);

#endif
