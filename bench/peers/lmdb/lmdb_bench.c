// Raw LMDB, for comparison: the same sizes of keys and values and the same durability as the store of edgehost, without Lua, HTTP
// or records. One line of output a measure: name, operations, ns of wall time and of CPU time an operation.
//
// lmdb_bench DIRECTORY SECONDS KEYS

#include <lmdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VALUE_BYTES = 100, BATCH = 64 };

static MDB_env *environment;
static MDB_dbi table;
static unsigned keys;
static uint64_t random_state = 88172645463325252u;

static void check(int status) {
    if (status != 0) {
        fprintf(stderr, "lmdb: %s\n", mdb_strerror(status));
        exit(1);
    }
}

static uint64_t clock_ns(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static MDB_val random_key(char *room, size_t size) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    int length = snprintf(room, size, "key%u", (unsigned)(random_state % keys) + 1);
    return (MDB_val){(size_t)length, room};
}

static void put(MDB_txn *transaction) {
    char room[32], value[VALUE_BYTES];
    MDB_val key = random_key(room, sizeof room);
    memset(value, 'v', sizeof value);
    check(mdb_put(transaction, table, &key, &(MDB_val){sizeof value, value}, 0));
}

static void write_batch(unsigned count) {
    MDB_txn *transaction;
    check(mdb_txn_begin(environment, NULL, 0, &transaction));
    for (unsigned i = 0; i < count; i++) {
        put(transaction);
    }
    // Synced: MDB_NOSYNC is not set.
    check(mdb_txn_commit(transaction));
}

static unsigned read_renewed(MDB_txn *transaction) {
    char room[32];
    MDB_val key = random_key(room, sizeof room), value;
    check(mdb_txn_renew(transaction));
    int status = mdb_get(transaction, table, &key, &value);
    if (status != MDB_NOTFOUND) {
        check(status);
    }
    mdb_txn_reset(transaction);
    return 1;
}

static unsigned read_in_one(MDB_txn *transaction) {
    char room[32];
    MDB_val key = random_key(room, sizeof room), value;
    int status = mdb_get(transaction, table, &key, &value);
    if (status != MDB_NOTFOUND) {
        check(status);
    }
    return 1;
}

static unsigned write_one(MDB_txn *ignored) {
    (void)ignored;
    write_batch(1);
    return 1;
}

static unsigned write_many(MDB_txn *ignored) {
    (void)ignored;
    write_batch(BATCH);
    return BATCH;
}

static unsigned increment(MDB_txn *ignored) {
    (void)ignored;
    MDB_txn *transaction;
    MDB_val key = {7, "counter"}, value;
    int64_t number = 0;
    check(mdb_txn_begin(environment, NULL, 0, &transaction));
    int status = mdb_get(transaction, table, &key, &value);
    if (status == 0) {
        memcpy(&number, value.mv_data, sizeof number);
    } else if (status != MDB_NOTFOUND) {
        check(status);
    }
    number++;
    check(mdb_put(transaction, table, &key, &(MDB_val){sizeof number, &number}, 0));
    check(mdb_txn_commit(transaction));
    return 1;
}

/// Does `operation`, which returns how many it was, for `seconds`.
static void measure(const char *name, double seconds, unsigned (*operation)(MDB_txn *), MDB_txn *transaction) {
    uint64_t start = clock_ns(CLOCK_MONOTONIC), cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID), count = 0, elapsed;
    do {
        // The clock costs more than some of the operations.
        for (unsigned i = 0; i < 16; i++) {
            count += operation(transaction);
        }
        elapsed = clock_ns(CLOCK_MONOTONIC) - start;
    } while ((double)elapsed < seconds * 1e9);
    cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%s %llu %.1f %.1f\n", name, (unsigned long long)count, (double)elapsed / (double)count, (double)cpu / (double)count);
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: lmdb_bench DIRECTORY SECONDS KEYS\n");
        return 2;
    }
    double seconds = strtod(arguments[2], NULL);
    keys = (unsigned)strtoul(arguments[3], NULL, 10);
    MDB_txn *transaction;
    check(mdb_env_create(&environment));
    check(mdb_env_set_mapsize(environment, (size_t)1 << 30));
    check(mdb_env_open(environment, arguments[1], 0, 0600));
    check(mdb_txn_begin(environment, NULL, 0, &transaction));
    check(mdb_dbi_open(transaction, NULL, 0, &table));
    check(mdb_txn_commit(transaction));
    for (unsigned i = 0; i < 2 * keys / BATCH + 1; i++) {
        write_batch(BATCH);
    }
    check(mdb_txn_begin(environment, NULL, MDB_RDONLY, &transaction));
    measure("read_in_one", seconds, read_in_one, transaction);
    mdb_txn_reset(transaction);
    measure("read_renewed", seconds, read_renewed, transaction);
    mdb_txn_abort(transaction);
    measure("write_one", seconds, write_one, NULL);
    measure("write_64", seconds, write_many, NULL);
    measure("increment", seconds, increment, NULL);
    mdb_env_close(environment);
    return 0;
}
