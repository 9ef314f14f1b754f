// Counts what one request makes an event loop of a running server do, by stepping its thread from one wait for events to the next:
// instructions in the server's own code, in all code of user mode, and system calls. Needs no hardware counters.
//
// instructions PID TID PORT COUNTS REQUEST STATUS ROUNDS [PROFILE]
//
// COUNTS is the file of preload.c, whose clocks stand still meanwhile: no timer comes due and no limit is reached because stepping is
// slow. REQUEST is a file of raw bytes, STATUS the status it is answered with. Prints a line a round: own instructions, all instructions, system calls. PROFILE gets a line
// for each address of the server's own code: its offset in the file, and how often all rounds came there.

#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    /// Between two that are stepped, so that each finds the server as warm.
    FREE_REQUESTS = 20,
    /// Of the words in the file of preload.c.
    IS_TIME_STOPPED = 3,
    MAXIMUM_STEPS = 20 * 1000 * 1000,
    PLACES = 1 << 18,
};

/// An address that was come to.
struct place {
    uint64_t address, count;
    bool is_own, is_call;
};

static struct place places[PLACES];
static pid_t process, thread;
static char status_line[32];
static uint64_t own_start, own_end, own_offset;
static volatile uint64_t *shared;

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "instructions: %s: %s\n", what, strerror(errno));
    exit(1);
}

/// Where the code of the executable is mapped.
static void find_own_code(void) {
    char path[64], executable[PATH_MAX], line[PATH_MAX + 128], name[PATH_MAX], access[8];
    snprintf(path, sizeof path, "/proc/%d/exe", process);
    ssize_t length = readlink(path, executable, sizeof executable - 1);
    if (length < 0) {
        fail(path);
    }
    executable[length] = 0;
    snprintf(path, sizeof path, "/proc/%d/maps", process);
    FILE *maps = fopen(path, "r");
    if (maps == NULL) {
        fail(path);
    }
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long start, end, offset;
        name[0] = 0;
        if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %4095[^\n]", &start, &end, access, &offset, name) >= 4 &&
            access[2] == 'x' && strcmp(name, executable) == 0) {
            own_start = start;
            own_end = end;
            own_offset = offset;
        }
    }
    fclose(maps);
    if (own_end == 0) {
        errno = ENOENT;
        fail("the executable's code");
    }
}

static struct place *place_of(uint64_t address) {
    size_t index = (address * 0x9e3779b97f4a7c15u) >> 46;
    for (size_t tries = 0; tries < PLACES; tries++, index = (index + 1) % PLACES) {
        struct place *place = &places[index];
        if (place->address == address) {
            return place;
        }
        if (place->address == 0) {
            errno = 0;
            long word = ptrace(PTRACE_PEEKTEXT, thread, address, NULL);
            bool is_readable = errno == 0;
            *place = (struct place){address, 0, address >= own_start && address < own_end, is_readable && (word & 0xffff) == 0x050f};
            return place;
        }
    }
    errno = ENOMEM;
    fail("the table of addresses");
}

static uint64_t peek_register(size_t offset) {
    errno = 0;
    long value = ptrace(PTRACE_PEEKUSER, thread, offset, NULL);
    if (errno != 0) {
        fail("PTRACE_PEEKUSER");
    }
    return (uint64_t)value;
}

static bool waits_for_events(uint64_t call) {
    return call == SYS_epoll_wait || call == SYS_epoll_pwait || call == SYS_epoll_pwait2;
}

/// The guard arms its tick for the first request after an idle moment: how often that is depends on time.
static bool is_counted(uint64_t call) {
    return !waits_for_events(call) && call != SYS_timer_settime;
}

/// Steps the stopped thread once. Signals are dropped: the guard's tick would find the request late, which it is.
static void step(void) {
    int status;
    do {
        if (ptrace(PTRACE_SINGLESTEP, thread, NULL, NULL) != 0 || waitpid(thread, &status, __WALL) != thread) {
            fail("PTRACE_SINGLESTEP");
        }
        if (!WIFSTOPPED(status)) {
            fail("the thread ended");
        }
    } while (WSTOPSIG(status) != SIGTRAP);
}

static bool is_answered(int connection);

struct counts {
    uint64_t own, all, calls;
};

static uint64_t current_address(void) {
    return peek_register(offsetof(struct user_regs_struct, rip));
}

/// Whether the next instruction waits for events.
static bool is_about_to_wait(void) {
    return place_of(current_address())->is_call && waits_for_events(peek_register(offsetof(struct user_regs_struct, rax)));
}

/// Ends what the thread is still at.
static void walk_to_wait(void) {
    while (!is_about_to_wait()) {
        step();
    }
}

/// Counts from where the thread wakes up with the request to where it waits again and the response is there.
static struct counts count_request(int connection) {
    struct counts counts = {0};
    uint64_t last = 0;
    for (unsigned steps = 0; steps < MAXIMUM_STEPS; steps++) {
        uint64_t address = current_address();
        struct place *place = place_of(address);
        uint64_t call = place->is_call ? peek_register(offsetof(struct user_regs_struct, rax)) : SYS_epoll_wait;
        if (place->is_call && waits_for_events(call) && steps > 0 && is_answered(connection)) {
            return counts;
        }
        // A string instruction is stepped once for each of its turns.
        if (address != last) {
            counts.calls += is_counted(call);
            counts.all++;
            counts.own += place->is_own;
            place->count += place->is_own;
        }
        last = address;
        step();
    }
    errno = ETIMEDOUT;
    fail("the request does not end");
}

static size_t received;

/// Whether a whole response has come; they have a length, and nothing follows them.
static bool take_response(int connection, int flags) {
    static char buffer[1 << 16];
    ssize_t count = recv(connection, buffer + received, sizeof buffer - 1 - received, flags);
    if (count == 0 || (count < 0 && errno != EAGAIN)) {
        fail("the connection");
    }
    received += count > 0 ? (size_t)count : 0;
    buffer[received] = 0;
    char *end = strstr(buffer, "\r\n\r\n"), *length = strcasestr(buffer, "\r\ncontent-length:");
    if (end == NULL || length == NULL || received < (size_t)(end + 4 - buffer) + strtoul(length + 17, NULL, 10)) {
        return false;
    }
    if (strncmp(buffer, status_line, strlen(status_line)) != 0) {
        errno = EPROTO;
        fail(buffer);
    }
    received = 0;
    return true;
}

static bool is_answered(int connection) {
    return take_response(connection, MSG_DONTWAIT);
}

static int connect_to(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) != 0) {
        fail("connect");
    }
    return connection;
}

static void send_request(int connection, const char *request, size_t length) {
    if (send(connection, request, length, MSG_NOSIGNAL) != (ssize_t)length) {
        fail("send");
    }
}

static void map_counts(const char *path) {
    int file = open(path, O_RDWR);
    shared = file >= 0 ? mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED;
    if (shared == MAP_FAILED) {
        fail(path);
    }
    close(file);
}

static struct counts measure(int connection, const char *request, size_t length) {
    int status;
    for (int i = 0; i < FREE_REQUESTS; i++) {
        send_request(connection, request, length);
        while (!take_response(connection, 0)) {
        }
    }
    if (strstr(status_line, " 503 ") != NULL) {
        // Refusals in a row are gathered by a timer, which must be over when time stops (decision 26).
        usleep(100 * 1000);
    }
    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0 || ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) != 0 ||
        waitpid(thread, &status, __WALL) != thread) {
        fail("PTRACE_SEIZE");
    }
    shared[IS_TIME_STOPPED] = 1;
    walk_to_wait();
    send_request(connection, request, length);
    struct counts counts = count_request(connection);
    shared[IS_TIME_STOPPED] = 0;
    if (ptrace(PTRACE_DETACH, thread, NULL, NULL) != 0) {
        fail("PTRACE_DETACH");
    }
    return counts;
}

static void write_profile(const char *path) {
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        fail(path);
    }
    for (size_t i = 0; i < PLACES; i++) {
        if (places[i].is_own && places[i].count > 0) {
            fprintf(file, "%lx %lu\n", places[i].address - own_start + own_offset, places[i].count);
        }
    }
    fclose(file);
}

int main(int count, char **arguments) {
    static char request[1 << 16];
    if (count < 8) {
        fprintf(stderr, "usage: instructions PID TID PORT COUNTS REQUEST STATUS ROUNDS [PROFILE]\n");
        return 2;
    }
    process = atoi(arguments[1]);
    thread = atoi(arguments[2]);
    map_counts(arguments[4]);
    FILE *file = fopen(arguments[5], "rb");
    if (file == NULL) {
        fail(arguments[5]);
    }
    size_t length = fread(request, 1, sizeof request, file);
    fclose(file);
    snprintf(status_line, sizeof status_line, "HTTP/1.1 %.3s ", arguments[6]);
    find_own_code();
    int connection = connect_to((uint16_t)atoi(arguments[3]));
    for (int round = 0; round < atoi(arguments[7]); round++) {
        struct counts counts = measure(connection, request, length);
        printf("%lu %lu %lu\n", counts.own, counts.all, counts.calls);
    }
    if (count > 8) {
        write_profile(arguments[8]);
    }
    close(connection);
    return 0;
}
