#define _GNU_SOURCE 1

#include "checksum.h"
#include "executable.h"
#include "image_memory.h"
#include "isolate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// An image as bytes that another process of the same executable can run: a head, the offsets of the words that point into the
// slot, those of the words that point into the executable, what the slots share, and the heap.
//
// Address space is laid out anew in each process. Of what a heap's words can point at, the slot is moved to any place by the first
// table, the executable by the second, and what is shared by the words' values, as it was when the image was frozen. There is
// nothing else: the C library's functions are called by ours, never by Lua, and what lay on a stack or in the host's memory was no
// longer valid for the heap's next run in its own process either.

typedef struct body_head {
    uint64_t base;
    uint64_t size;
    /// Of the executable, in the process that wrote it.
    uint64_t bias;
    uint64_t relocation_count;
    uint64_t code_count;
    /// Where what is shared lay, in the process that wrote it.
    uint64_t shared_base;
    uint64_t shared_size;
    uint64_t reserved;
} body_head;

/// What is shared has pages of its own, as it is read-only where it is used.
static size_t shared_offset(const body_head *head) {
    const size_t tables = (size_t)(head->relocation_count + head->code_count) * sizeof(uint32_t);
    return edge_round_to_pages(sizeof *head + tables);
}

static size_t heap_offset(const body_head *head) {
    return shared_offset(head) + edge_round_to_pages(head->shared_size);
}

static bool is_code_word(uintptr_t word, const uintptr_t *known, size_t count) {
    size_t low = 0;
    while (low < count) {
        const size_t middle = low + (count - low) / 2;
        if (known[middle] == word) {
            return true;
        }
        if (known[middle] < word) {
            low = middle + 1;
        } else {
            count = middle;
        }
    }
    return false;
}

static bool is_shared_word(const edge_image *image, uintptr_t word) {
    return image->shared != NULL && word - (uintptr_t)image->shared <= image->shared_size;
}

/// Whether the word may be the key of a table: Lua hashes a C function by its address, and would look for it elsewhere in another
/// process. A key lies behind a word whose second byte is the key's type: C function, or light userdata.
static bool may_be_key(const edge_image *image, size_t index) {
    enum { LIGHT_USERDATA = 0x02, C_FUNCTION = 0x16 };
    const uintptr_t before = index > 0 ? ((const uintptr_t *)image->bytes)[index - 1] : 0;
    const uint8_t type = (uint8_t)(before >> 8);
    const edge_executable *executable = edge_executable_self();
    const bool is_pointer = before - image->base <= image->size || is_shared_word(image, before) ||
                            before - executable->start < executable->end - executable->start;
    return !is_pointer && (type == C_FUNCTION || type == LIGHT_USERDATA);
}

/// Whether a word of what is shared points into the executable: it would not be moved with it. None does.
static bool shares_code(const edge_image *image, const uintptr_t *known, size_t known_count) {
    const uintptr_t *words = (const uintptr_t *)image->shared;
    for (size_t i = 0; i < image->shared_size / sizeof *words; i++) {
        if (is_code_word(words[i], known, known_count)) {
            return true;
        }
    }
    return false;
}

/// Writes the offsets of the words that point into the executable. SIZE_MAX where the image can't be moved to another process.
static size_t find_code(const edge_image *image, uint32_t *offsets) {
    const edge_executable *executable = edge_executable_self();
    size_t known_count;
    const uintptr_t *known = edge_code_words(&known_count);
    if (shares_code(image, known, known_count)) {
        return SIZE_MAX;
    }
    const uintptr_t *words = (const uintptr_t *)image->bytes;
    size_t count = 0;
    for (size_t i = 0; i < image->size / sizeof *words; i++) {
        const uintptr_t word = words[i];
        // Most words are small, text, or in the slot.
        if (word < 4096 || word >> 47 != 0 || word - image->base <= image->size || is_shared_word(image, word)) {
            continue;
        }
        if (word - executable->start < executable->end - executable->start) {
            if (!is_code_word(word, known, known_count) || may_be_key(image, i)) {
                return SIZE_MAX;
            }
            if (offsets != NULL) {
                offsets[count] = (uint32_t)(i * sizeof *words);
            }
            count++;
        } else if (edge_executable_is_foreign(word)) {
            return SIZE_MAX;
        }
    }
    return count;
}

uint8_t *edge_image_pack(const edge_image *image, size_t *length, uint64_t checksum[2]) {
    const size_t code_count = edge_image_is_loaded(image) ? find_code(image, NULL) : SIZE_MAX;
    if (code_count == SIZE_MAX) {
        return NULL;
    }
    const body_head head = {
        .base = image->base,
        .size = image->size,
        .bias = edge_executable_self()->bias,
        .relocation_count = image->relocation_count,
        .code_count = code_count,
        .shared_base = (uintptr_t)image->shared,
        .shared_size = image->shared_size,
    };
    *length = heap_offset(&head) + image->size;
    uint8_t *body = calloc(1, *length);
    if (body == NULL) {
        return NULL;
    }
    uint32_t *offsets = (uint32_t *)(body + sizeof head);
    memcpy(body, &head, sizeof head);
    memcpy(offsets, image->relocations, image->relocation_count * sizeof *offsets);
    find_code(image, offsets + image->relocation_count);
    if (image->shared_size > 0) {
        memcpy(body + shared_offset(&head), image->shared, image->shared_size);
    }
    memcpy(body + heap_offset(&head), image->bytes, image->size);
    edge_checksum(body, *length, checksum);
    return body;
}

void edge_image_pack_free(uint8_t *body) {
    free(body);
}

static bool read_whole(int file, uint8_t *place, size_t length, uint64_t offset) {
    while (length > 0) {
        const ssize_t count = pread(file, place, length, (off_t)offset);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        place += count;
        length -= (size_t)count;
        offset += (uint64_t)count;
    }
    return true;
}

/// Whether these are ascending offsets of words in the heap.
static bool are_offsets(const uint32_t *offsets, size_t count, size_t size) {
    uint64_t minimum = 0;
    for (size_t i = 0; i < count; i++) {
        if (offsets[i] < minimum || offsets[i] % sizeof(uintptr_t) != 0) {
            return false;
        }
        minimum = (uint64_t)offsets[i] + sizeof(uintptr_t);
    }
    return minimum <= size;
}

/// Whether the body has the layout that its head says, and is this image's. The checksum has told damage already; this keeps a
/// body that another program wrote from leading out of its memory.
static bool is_sound(const edge_image *image, const uint8_t *body, size_t length) {
    body_head head;
    if (length < sizeof head) {
        return false;
    }
    memcpy(&head, body, sizeof head);
    if (head.size != image->size || head.size > EDGE_SLOT_CAPACITY || head.size <= EDGE_HOT_BYTES ||
        head.size % EDGE_PAGE_BYTES != 0 ||
        head.relocation_count != image->relocation_count || head.relocation_count > head.size ||
        head.shared_size != image->shared_size || head.shared_size > EDGE_SLOT_CAPACITY ||
        head.code_count > head.size || heap_offset(&head) + head.size != length ||
        head.base % EDGE_SLOT_STRIDE != EDGE_SLOT_OFFSET) {
        return false;
    }
    const uint32_t *offsets = (const uint32_t *)(body + sizeof head);
    return are_offsets(offsets, head.relocation_count, head.size) &&
           are_offsets(offsets + head.relocation_count, head.code_count, head.size);
}

/// Points what points into what is shared to where that is now; false where that can't be made read-only.
static bool adopt_shared(edge_image *image, const body_head *head, uint8_t *body) {
    if (head->shared_size == 0) {
        return true;
    }
    uint8_t *shared = body + shared_offset(head);
    const uintptr_t difference = (uintptr_t)shared - head->shared_base;
    edge_image_shift(shared, head->shared_size, head->shared_base, head->shared_size, difference);
    edge_image_shift(body + heap_offset(head), head->size, head->shared_base, head->shared_size, difference);
    image->shared = shared;
    return mprotect(shared, edge_round_to_pages(head->shared_size), PROT_READ) == 0;
}

/// Takes the body as the image's heap, and moves its words that point out of the slot to where they point at now. Those of what
/// is shared first: they are told by their values, which lie apart from the executable's in the process that wrote them only.
static bool adopt(edge_image *image, uint8_t *body, size_t mapped) {
    body_head head;
    memcpy(&head, body, sizeof head);
    if (!adopt_shared(image, &head, body)) {
        image->shared = NULL;
        return false;
    }
    const uintptr_t difference = edge_executable_self()->bias - head.bias;
    const uint32_t *code = (const uint32_t *)(body + sizeof head) + head.relocation_count;
    // Slots that were bound to it before it left memory point to where its shared part was.
    image->id = edge_image_next_id();
    image->mapping = body;
    image->mapping_length = mapped;
    image->base = head.base;
    image->relocations = (uint32_t *)(body + sizeof head);
    image->bytes = body + heap_offset(&head);
    for (size_t i = 0; i < head.code_count; i++) {
        *(uintptr_t *)(image->bytes + code[i]) += difference;
    }
    return true;
}

edge_image *edge_image_make_absent(size_t size, size_t shared_size, size_t relocations) {
    edge_image *image = calloc(1, sizeof *image);
    if (image == NULL) {
        return NULL;
    }
    image->id = edge_image_next_id();
    image->size = size;
    image->shared_size = shared_size;
    image->relocation_count = relocations;
    image->account = edge_memory_account_make();
    if (image->account == NULL) {
        edge_image_free(image);
        return NULL;
    }
    return image;
}

bool edge_image_is_loaded(const edge_image *image) {
    return image->bytes != NULL;
}

static int load_body(edge_image *image, int file, const edge_image_body *body) {
    const size_t length = (size_t)body->length;
    // Read, not mapped: a file that somebody cuts short beneath a mapping is a SIGBUS.
    size_t mapped;
    void *place = edge_image_memory_take(length, &mapped);
    if (place == NULL) {
        return errno;
    }
    uint64_t sum[2];
    bool is_whole = read_whole(file, place, length, body->offset);
    if (is_whole) {
        edge_checksum(place, length, sum);
        is_whole = sum[0] == body->checksum[0] && sum[1] == body->checksum[1] && is_sound(image, place, length);
    }
    if (!is_whole) {
        edge_image_memory_give_back(place, mapped);
        return EBADMSG;
    }
    if (!adopt(image, place, mapped)) {
        edge_image_memory_give_back(place, mapped);
        return ENOMEM;
    }
    return 0;
}

int edge_image_load(edge_image *image, int file, const edge_image_body *body) {
    if (!edge_memory_admits(image)) {
        return ENOMEM;
    }
    edge_memory_charge_image(image);
    const int code = load_body(image, file, body);
    if (code != 0) {
        edge_memory_discharge_image(image);
    }
    return code;
}

void edge_image_unload(edge_image *image) {
    edge_memory_discharge_image(image);
    if (image->mapping != NULL) {
        edge_image_memory_give_back(image->mapping, image->mapping_length);
    } else {
        if (image->shared != NULL) {
            munmap(image->shared, edge_round_to_pages(image->shared_size));
        }
        free(image->bytes);
        free(image->relocations);
    }
    image->mapping = NULL;
    image->shared = NULL;
    image->bytes = NULL;
    image->relocations = NULL;
}

void edge_image_checksum(const void *bytes, size_t length, uint64_t checksum[2]) {
    edge_checksum(bytes, length, checksum);
}
