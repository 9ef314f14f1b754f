#include "isolate.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

// The memory of all isolates together has a ceiling. A slot is charged for its image and a little heap when it is bound,
// and for each further piece of heap when a guest grows into it. An image is charged for while it is in memory.
//
// One worker can't take all: an image and its slots may have at most as much as is left for the others. So the first
// greedy worker comes to a half of the ceiling, a second one to a third of it, and there is always some room.

/// What one image and its slots are charged. Outlives the image while a slot is still charged for it.
struct edge_memory_account {
    atomic_size_t charged;
    atomic_size_t references;
};

static atomic_size_t used;
static atomic_size_t ceiling = SIZE_MAX;

void edge_memory_set_ceiling(size_t bytes) {
    atomic_store(&ceiling, bytes);
}

static size_t bytes_used(void) {
    return atomic_load_explicit(&used, memory_order_relaxed);
}

bool edge_memory_is_tight(void) {
    return bytes_used() > atomic_load_explicit(&ceiling, memory_order_relaxed) / 4 * 3;
}

edge_memory_account *edge_memory_account_make(void) {
    edge_memory_account *account = calloc(1, sizeof *account);
    if (account != NULL) {
        atomic_store(&account->references, 1);
    }
    return account;
}

void edge_memory_account_release(edge_memory_account *account) {
    if (account != NULL && atomic_fetch_sub(&account->references, 1) == 1) {
        free(account);
    }
}

/// Whether there is room for `bytes` once the account is charged for `before` too.
static bool admits(edge_memory_account *account, size_t bytes, size_t before) {
    size_t limit = atomic_load_explicit(&ceiling, memory_order_relaxed);
    size_t now = bytes_used() + before;
    if (now >= limit || bytes > limit - now) {
        return false;
    }
    return atomic_load_explicit(&account->charged, memory_order_relaxed) + before + bytes <= limit - now;
}

static size_t bound_charge(const edge_image *image) {
    return 2 * edge_round_to_pages(image->size) + EDGE_FREE_HEAP_BYTES;
}

static size_t resident_charge(const edge_image *image) {
    return edge_round_to_pages(image->size) + edge_round_to_pages(image->shared_size) +
           edge_round_to_pages(image->relocation_count * sizeof *image->relocations);
}

bool edge_memory_admits(const edge_image *image) {
    // As it will be asked again once the image is in memory: what is read in vain must not be read at all.
    const bool is_resident = atomic_load_explicit(&image->charged, memory_order_relaxed) != 0;
    return admits(image->account, bound_charge(image), is_resident ? 0 : resident_charge(image));
}

static void charge_image(edge_image *image, size_t bytes) {
    // As in `charge`.
    size_t difference = bytes - atomic_exchange_explicit(&image->charged, bytes, memory_order_relaxed);
    if (difference != 0) {
        atomic_fetch_add_explicit(&used, difference, memory_order_relaxed);
        atomic_fetch_add_explicit(&image->account->charged, difference, memory_order_relaxed);
    }
}

void edge_memory_charge_image(edge_image *image) {
    charge_image(image, resident_charge(image));
}

void edge_memory_discharge_image(edge_image *image) {
    charge_image(image, 0);
}

static void charge(edge_slot *slot, size_t bytes) {
    // Unsigned arithmetic wraps: a difference below zero subtracts.
    size_t difference = bytes - slot->charged;
    atomic_fetch_add_explicit(&used, difference, memory_order_relaxed);
    atomic_fetch_add_explicit(&slot->account->charged, difference, memory_order_relaxed);
    slot->charged = bytes;
}

void edge_memory_unbind(edge_slot *slot) {
    assert(slot->stack_bytes == 0);
    if (slot->account != NULL) {
        charge(slot, 0);
        edge_memory_account_release(slot->account);
        slot->account = NULL;
    }
}

void edge_memory_bind(edge_slot *slot, const edge_image *image) {
    edge_memory_unbind(slot);
    slot->account = image->account;
    atomic_fetch_add(&slot->account->references, 1);
    charge(slot, bound_charge(image));
}

bool edge_memory_grow(edge_slot *slot, size_t bytes) {
    if (slot->account == NULL) {
        return true;
    }
    if (!admits(slot->account, bytes, 0)) {
        return false;
    }
    charge(slot, slot->charged + bytes);
    return true;
}

void edge_memory_charge_stack(edge_slot *slot, size_t bytes) {
    if (slot->account != NULL) {
        charge(slot, slot->charged - slot->stack_bytes + bytes);
        slot->stack_bytes = bytes;
    }
}

bool edge_memory_is_scarce(const edge_slot *slot) {
    if (slot->account == NULL) {
        return false;
    }
    size_t limit = atomic_load_explicit(&ceiling, memory_order_relaxed);
    size_t now = bytes_used();
    size_t left = now < limit ? limit - now : 0;
    return atomic_load_explicit(&slot->account->charged, memory_order_relaxed) > left / 4;
}

void edge_memory_shrink(edge_slot *slot) {
    size_t most = bound_charge(slot->image) + EDGE_KEPT_DIRTY_BYTES;
    if (slot->charged > most) {
        charge(slot, most);
    }
}

size_t edge_memory_granted_heap(const edge_slot *slot) {
    // The other copy of the image is the master's.
    return slot->account == NULL ? slot->capacity : slot->charged - edge_round_to_pages(slot->image_size);
}
