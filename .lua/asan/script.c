#include "script.h"

#include <stdio.h>
#include <stdlib.h>

char *script_read(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    *length = 0;
    while (file != NULL) {
        text = realloc(text, *length + 65536);
        if (text == NULL) {
            break;
        }
        size_t count = fread(text + *length, 1, 65536, file);
        *length += count;
        if (count == 0) {
            fclose(file);
            return text;
        }
    }
    fprintf(stderr, "cannot read %s\n", path);
    exit(2);
}
