#include "free_blocks.h"

#include <string.h>

/// The bin whose blocks are all at least as large as the bin's own size: four bins for each power of two.
static unsigned bin_floor(size_t size) {
    unsigned exponent = 63u - (unsigned)__builtin_clzll(size);
    unsigned quarter = (unsigned)(size >> (exponent - 2)) & 3u;
    return (exponent - 9) * 4 + quarter;
}

void edge_free_blocks_add_large(edge_free_blocks *self, uintptr_t block, size_t size) {
    edge_free_block *free_block = (edge_free_block *)block;
    unsigned bin = bin_floor(size);
    free_block->size = size;
    free_block->next = self->bins[bin];
    self->bins[bin] = free_block;
    self->bin_map[bin / 64] |= (uint64_t)1 << (bin % 64);
}

static void unlink_head(edge_free_blocks *self, unsigned bin) {
    self->bins[bin] = self->bins[bin]->next;
    if (self->bins[bin] == NULL) {
        self->bin_map[bin / 64] &= ~((uint64_t)1 << (bin % 64));
    }
}

static unsigned next_bin(const edge_free_blocks *self, unsigned bin) {
    for (unsigned word = bin / 64; word < 2; word++) {
        uint64_t bits = self->bin_map[word];
        if (word == bin / 64) {
            bits &= ~(uint64_t)0 << (bin % 64);
        }
        if (bits != 0) {
            return word * 64 + (unsigned)__builtin_ctzll(bits);
        }
    }
    return EDGE_ARENA_BINS;
}

void *edge_free_blocks_cut(edge_free_blocks *self, size_t size) {
    unsigned bin = bin_floor(size < EDGE_ARENA_SMALL_MAX ? EDGE_ARENA_SMALL_MAX : size);
    // The head of the first bin may be too small for this size; a block of any later bin is large enough.
    if (self->bins[bin] == NULL || self->bins[bin]->size < size) {
        bin = bin + 1 < EDGE_ARENA_BINS ? next_bin(self, bin + 1) : EDGE_ARENA_BINS;
    }
    if (bin == EDGE_ARENA_BINS) {
        return NULL;
    }
    edge_free_block *block = self->bins[bin];
    size_t rest = block->size - size;
    unlink_head(self, bin);
    if (rest > 0) {
        edge_free_blocks_add(self, (uintptr_t)block + size, rest);
    }
    return block;
}

static edge_free_block *merge(edge_free_block *left, edge_free_block *right) {
    edge_free_block *head = NULL;
    edge_free_block **tail = &head;
    while (left != NULL && right != NULL) {
        edge_free_block **lower = left < right ? &left : &right;
        *tail = *lower;
        tail = &(*lower)->next;
        *lower = (*lower)->next;
    }
    *tail = left != NULL ? left : right;
    return head;
}

/// Sorts by address: bottom-up, so that a long list costs no stack.
static edge_free_block *sort_blocks(edge_free_block *list) {
    edge_free_block *runs[48] = {NULL};
    while (list != NULL) {
        edge_free_block *run = list;
        list = list->next;
        run->next = NULL;
        unsigned level = 0;
        while (runs[level] != NULL) {
            run = merge(runs[level], run);
            runs[level++] = NULL;
        }
        runs[level] = run;
    }
    edge_free_block *sorted = NULL;
    for (unsigned level = 0; level < 48; level++) {
        sorted = merge(runs[level], sorted);
    }
    return sorted;
}

edge_free_block *edge_free_blocks_take_all(edge_free_blocks *self) {
    edge_free_block *all = NULL;
    for (unsigned class = 0; class < EDGE_ARENA_SMALL_CLASSES; class++) {
        while (self->small[class] != NULL) {
            edge_free_block *block = self->small[class];
            self->small[class] = block->next;
            block->size = (class + 1) * EDGE_ARENA_GRAIN;
            block->next = all;
            all = block;
        }
    }
    for (unsigned bin = 0; bin < EDGE_ARENA_BINS; bin++) {
        while (self->bins[bin] != NULL) {
            edge_free_block *block = self->bins[bin];
            unlink_head(self, bin);
            block->next = all;
            all = block;
        }
    }
    return all;
}

void edge_free_blocks_add_all(edge_free_blocks *self, edge_free_block *list) {
    while (list != NULL) {
        edge_free_block *next = list->next;
        edge_free_blocks_add(self, (uintptr_t)list, list->size);
        list = next;
    }
}

uintptr_t edge_free_blocks_merge(edge_free_blocks *self, uintptr_t top) {
    edge_free_block *block = sort_blocks(edge_free_blocks_take_all(self));
    while (block != NULL) {
        edge_free_block *next = block->next;
        size_t size = block->size;
        while (next != NULL && (uintptr_t)block + size == (uintptr_t)next) {
            size += next->size;
            next = next->next;
        }
        if ((uintptr_t)block + size == top) {
            top = (uintptr_t)block;
        } else {
            edge_free_blocks_add(self, (uintptr_t)block, size);
        }
        block = next;
    }
    return top;
}

static void scrub_list(edge_free_block *block, size_t small_size) {
    for (; block != NULL; block = block->next) {
        size_t keep = small_size != 0 ? sizeof block->next : sizeof *block;
        size_t size = small_size != 0 ? small_size : block->size;
        memset((uint8_t *)block + keep, 0, size - keep);
    }
}

void edge_free_blocks_scrub(edge_free_blocks *self) {
    for (unsigned class = 0; class < EDGE_ARENA_SMALL_CLASSES; class++) {
        scrub_list(self->small[class], (class + 1) * EDGE_ARENA_GRAIN);
    }
    for (unsigned bin = 0; bin < EDGE_ARENA_BINS; bin++) {
        scrub_list(self->bins[bin], 0);
    }
}
