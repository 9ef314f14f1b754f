#define _GNU_SOURCE 1

#include "executable.h"

#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <string.h>

enum {
    MAXIMUM_SEGMENTS = 256,
};

typedef struct segment {
    uintptr_t start;
    uintptr_t end;
} segment;

static edge_executable self;
static segment foreign[MAXIMUM_SEGMENTS];
static size_t foreign_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool contains(const struct dl_phdr_info *info, uintptr_t address) {
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type == PT_LOAD && address - (info->dlpi_addr + header->p_vaddr) < header->p_memsz) {
            return true;
        }
    }
    return false;
}

static uintptr_t aligned(uintptr_t value, uintptr_t alignment) {
    return (value + alignment - 1) & ~(alignment - 1);
}

/// Reads the notes of one segment.
static void find_build_id(uintptr_t place, const ElfW(Phdr) *header) {
    const uintptr_t end = place + header->p_memsz;
    const uintptr_t alignment = header->p_align == 8 ? 8 : 4;
    while (end - place >= sizeof(ElfW(Nhdr))) {
        const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)place;
        const uintptr_t name = place + sizeof *note;
        const uintptr_t content = aligned(name + note->n_namesz, alignment);
        const uintptr_t next = aligned(content + note->n_descsz, alignment);
        if (next > end || next <= place) {
            return;
        }
        if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == sizeof "GNU" &&
            memcmp((const void *)name, "GNU", sizeof "GNU") == 0) {
            self.build_id = (const uint8_t *)content;
            self.build_id_length = note->n_descsz;
            return;
        }
        place = next;
    }
}

static void note_self(const struct dl_phdr_info *info) {
    self.bias = info->dlpi_addr;
    self.start = UINTPTR_MAX;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        const uintptr_t start = info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_NOTE) {
            find_build_id(start, header);
        } else if (header->p_type == PT_LOAD) {
            self.start = start < self.start ? start : self.start;
            self.end = start + header->p_memsz > self.end ? start + header->p_memsz : self.end;
        }
    }
}

static void note_foreign(const struct dl_phdr_info *info) {
    for (int i = 0; i < info->dlpi_phnum && foreign_count < MAXIMUM_SEGMENTS; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type == PT_LOAD) {
            const uintptr_t start = info->dlpi_addr + header->p_vaddr;
            foreign[foreign_count++] = (segment){start, start + header->p_memsz};
        }
    }
}

static int visit(struct dl_phdr_info *info, size_t size, void *argument) {
    (void)size;
    (void)argument;
    if (contains(info, (uintptr_t)&self)) {
        note_self(info);
    } else {
        note_foreign(info);
    }
    return 0;
}

static void find(void) {
    dl_iterate_phdr(visit, NULL);
}

const edge_executable *edge_executable_self(void) {
    pthread_once(&once, find);
    return &self;
}

bool edge_executable_is_foreign(uintptr_t address) {
    pthread_once(&once, find);
    for (size_t i = 0; i < foreign_count; i++) {
        if (address - foreign[i].start < foreign[i].end - foreign[i].start) {
            return true;
        }
    }
    return false;
}

size_t edge_build_id(const uint8_t **bytes) {
    const edge_executable *executable = edge_executable_self();
    *bytes = executable->build_id;
    return executable->build_id != NULL ? executable->build_id_length : 0;
}
