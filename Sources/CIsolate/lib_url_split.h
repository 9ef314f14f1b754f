#ifndef EDGE_LIB_URL_SPLIT_H
#define EDGE_LIB_URL_SPLIT_H

#include "lib_url.h"

enum { URL_SCHEME, URL_USER, URL_PASSWORD, URL_HOST, URL_PORT, URL_PATH, URL_QUERY, URL_FRAGMENT, URL_PARTS };

/* Part of a URL's text; `at` is NULL when the part is absent, which differs from empty. */
typedef struct Span {
    const char *at;
    size_t length;
} Span;

typedef struct URL {
    Span part[URL_PARTS];
} URL;

/*
 * Splits an absolute or relative URL by RFC 3986. Parts keep their spelling, percent-encoding included; the host of an
 * IPv6 literal is without its brackets. Returns NULL, or what is wrong, and *where it is.
 */
const char *edge_url_split(const char *text, size_t length, URL *url, const char **where);

#endif
