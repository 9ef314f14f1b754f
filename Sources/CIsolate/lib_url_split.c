#include "lib_url_split.h"

#include <string.h>

static int is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

static int is_letter(char byte) {
    const char lower = byte | 0x20;
    return lower >= 'a' && lower <= 'z';
}

/* Bytes that no part may hold; the rest of RFC 3986's exclusions, and bytes from 0x80, are let through. */
static const char *check_bytes(const char *text, size_t length, const char **where) {
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)text[i];
        *where = text + i;
        if (byte <= 0x20 || byte == 0x7F || byte == '\\' || byte == '"' || byte == '<' || byte == '>') {
            return "character must be percent-encoded";
        }
        if (byte == '%' && edge_url_hex_byte(text + i + 1, length - i - 1) < 0) {
            return "'%' without two hexadecimal digits";
        }
    }
    return NULL;
}

/* Cuts `rest` at the first `mark`: what follows it becomes `part`. */
static void cut(Span *rest, char mark, Span *part) {
    const char *found = memchr(rest->at, mark, rest->length);
    if (found == NULL) {
        return;
    }
    part->at = found + 1;
    part->length = (size_t)(rest->at + rest->length - part->at);
    rest->length = (size_t)(found - rest->at);
}

/* Dotted IPv4 address as the tail of an IPv6 one. */
static int is_ipv4(const char *at, const char *end) {
    for (int part = 0; part < 4; part++) {
        int value = 0;
        const char *first = at;
        while (at < end && is_digit(*at) && at - first < 3) {
            value = value * 10 + (*at++ - '0');
        }
        if (at == first || value > 255 || (*first == '0' && at - first > 1)) {
            return 0;
        }
        if (part < 3 && (at == end || *at++ != '.')) {
            return 0;
        }
    }
    return at == end;
}

static int is_hex(char byte) {
    const char lower = byte | 0x20;
    return is_digit(byte) || (lower >= 'a' && lower <= 'f');
}

/* Eight groups of one to four hexadecimal digits, "::" once for one or more of them, the last two also as IPv4. */
static int is_ipv6(const char *at, const char *end) {
    int groups = 0;
    int gap = 0;
    if (end - at >= 2 && at[0] == ':' && at[1] == ':') {
        gap = 1;
        at += 2;
    }
    while (at < end) {
        const char *first = at;
        while (at < end && is_hex(*at)) {
            at++;
        }
        if (at < end && *at == '.') {
            groups += 2;
            return is_ipv4(first, end) && (gap ? groups < 8 : groups == 8);
        }
        if (at == first || at - first > 4 || ++groups > 8) {
            return 0;
        }
        if (at == end) {
            break;
        }
        if (*at++ != ':' || at == end) {
            return 0;
        }
        if (*at == ':') {
            if (gap) {
                return 0;
            }
            gap = 1;
            at++;
        }
    }
    return gap ? groups < 8 : groups == 8;
}

static const char *check_name(Span host, const char **where) {
    for (size_t i = 0; i < host.length; i++) {
        const char byte = host.at[i];
        *where = host.at + i;
        if (!edge_url_is_unreserved(byte) && (byte == '\0' || strchr("%!$&'()*+,;=", byte) == NULL)) {
            return "character has no place in a host name";
        }
    }
    return NULL;
}

static const char *check_port(Span *port, const char **where) {
    int value = 0;
    *where = port->at;
    for (size_t i = 0; i < port->length; i++) {
        if (!is_digit(port->at[i])) {
            return "port is not a number";
        }
        value = value * 10 + (port->at[i] - '0');
        if (value > 65535) {
            return "port is above 65535";
        }
    }
    if (port->length == 0) {
        port->at = NULL;
    }
    return NULL;
}

/* "[" address "]" [":" port] */
static const char *split_literal(Span rest, URL *url, const char **where) {
    const char *close = memchr(rest.at, ']', rest.length);
    *where = rest.at;
    if (close == NULL || !is_ipv6(rest.at + 1, close)) {
        return "'[' begins no IPv6 address";
    }
    url->part[URL_HOST] = (Span){rest.at + 1, (size_t)(close - rest.at - 1)};
    const char *after = close + 1;
    const size_t left = (size_t)(rest.at + rest.length - after);
    if (left > 0) {
        *where = after;
        if (*after != ':') {
            return "expected a port or the path after ']'";
        }
        url->part[URL_PORT] = (Span){after + 1, left - 1};
        return check_port(&url->part[URL_PORT], where);
    }
    return NULL;
}

static const char *split_authority(Span authority, URL *url, const char **where) {
    Span host = authority;
    Span user = authority;
    Span after_user = {NULL, 0};
    cut(&user, '@', &after_user);
    if (after_user.at != NULL) {
        const char *second = memchr(after_user.at, '@', after_user.length);
        if (second != NULL) {
            *where = second;
            return "'@' in user or password must be percent-encoded";
        }
        host = after_user;
        cut(&user, ':', &url->part[URL_PASSWORD]);
        url->part[URL_USER] = user;
    }
    if (host.length > 0 && *host.at == '[') {
        return split_literal(host, url, where);
    }
    cut(&host, ':', &url->part[URL_PORT]);
    url->part[URL_HOST] = host;
    const char *problem = check_name(host, where);
    if (problem == NULL && url->part[URL_PORT].at != NULL) {
        problem = check_port(&url->part[URL_PORT], where);
    }
    if (problem == NULL && host.length == 0 && (url->part[URL_PORT].at != NULL || url->part[URL_USER].at != NULL)) {
        *where = host.at;
        problem = "host is empty";
    }
    return problem;
}

/* A ':' in the first segment ends a scheme: a relative path can't have one there. */
static const char *split_scheme(Span *rest, URL *url, const char **where) {
    size_t length = 0;
    while (length < rest->length && rest->at[length] != ':' && rest->at[length] != '/') {
        length++;
    }
    if (length == rest->length || rest->at[length] != ':') {
        return NULL;
    }
    for (size_t i = 0; i <= length; i++) {
        const char byte = rest->at[i];
        const int follows = i > 0 && (is_digit(byte) || byte == '+' || byte == '-' || byte == '.' || byte == ':');
        if (!is_letter(byte) && !follows) {
            *where = rest->at + i;
            return "character has no place in a scheme";
        }
    }
    url->part[URL_SCHEME] = (Span){rest->at, length};
    rest->at += length + 1;
    rest->length -= length + 1;
    return NULL;
}

const char *edge_url_split(const char *text, size_t length, URL *url, const char **where) {
    Span rest = {text, length};
    memset(url, 0, sizeof *url);
    const char *problem = check_bytes(text, length, where);
    if (problem != NULL) {
        return problem;
    }
    cut(&rest, '#', &url->part[URL_FRAGMENT]);
    cut(&rest, '?', &url->part[URL_QUERY]);
    problem = split_scheme(&rest, url, where);
    if (problem != NULL) {
        return problem;
    }
    if (rest.length >= 2 && rest.at[0] == '/' && rest.at[1] == '/') {
        Span authority = {rest.at + 2, rest.length - 2};
        const char *slash = memchr(authority.at, '/', authority.length);
        const size_t path = slash == NULL ? 0 : (size_t)(authority.at + authority.length - slash);
        authority.length -= path;
        rest = (Span){authority.at + authority.length, path};
        problem = split_authority(authority, url, where);
    }
    url->part[URL_PATH] = rest;
    return problem;
}
