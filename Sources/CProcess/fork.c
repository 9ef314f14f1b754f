#include "fork.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    int (*body)(void *);
    void *context;
    /// Told when the caller has nothing left to do but to wait: until then it may hold locks of the C library.
    sem_t may_begin;
    pid_t child;
    int code;
} birth;

static void *give_birth(void *argument) {
    birth *self = argument;
    while (sem_wait(&self->may_begin) != 0) {
    }
    self->child = fork();
    if (self->child == 0) {
        exit(self->body(self->context));
    }
    self->code = errno;
    return NULL;
}

pid_t edge_fork(int (*body)(void *), void *context) {
    birth birth = {.body = body, .context = context, .child = -1};
    pthread_t thread;
    sem_init(&birth.may_begin, 0, 0);
    birth.code = pthread_create(&thread, NULL, give_birth, &birth);
    if (birth.code == 0) {
        sem_post(&birth.may_begin);
        pthread_join(thread, NULL);
    }
    sem_destroy(&birth.may_begin);
    errno = birth.code;
    return birth.child;
}
