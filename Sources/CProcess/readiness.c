#include "readiness.h"

#include <sys/epoll.h>

enum { MOST_AT_ONCE = 256 };

int edge_readiness_make(void) {
    return epoll_create1(EPOLL_CLOEXEC);
}

int edge_readiness_add(int set, int descriptor, uint32_t token) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = token};
    return epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void edge_readiness_remove(int set, int descriptor) {
    epoll_ctl(set, EPOLL_CTL_DEL, descriptor, 0);
}

int edge_readiness_take(int set, uint32_t *tokens, int capacity) {
    struct epoll_event events[MOST_AT_ONCE];
    int count = epoll_wait(set, events, capacity < MOST_AT_ONCE ? capacity : MOST_AT_ONCE, 0);
    for (int i = 0; i < count; i++) tokens[i] = events[i].data.u32;
    return count < 0 ? 0 : count;
}
