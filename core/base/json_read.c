/*
 * jansson behind our allocator. Each block has a head that chains it to the others of the same reading, so that a failed
 * allocation can leave the reading at once (longjmp) and give everything back.
 */
#include "core/base/json_read.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>

#include "strata/mem.h"

union head {
    struct { union head *prev, *next; } in;
    max_align_t align;
};

/* The reading of this thread: a ring of blocks around "all" and the way out; NULL outside of one. */
struct reading {
    union head all;
    jmp_buf out;
};
static _Thread_local struct reading *reading;

static void *alloc(size_t n)
{
    union head *h = n < SIZE_MAX - sizeof *h ? mem_alloc(sizeof *h + n) : NULL;
    if (!h) {
        if (reading)
            longjmp(reading->out, 1);
        return NULL;
    }
    h->in.prev = h->in.next = h;
    if (reading) {
        h->in.next = reading->all.in.next;
        h->in.prev = &reading->all;
        h->in.next->in.prev = h->in.prev->in.next = h;
    }
    return h + 1;
}

static void release(void *p)
{
    if (!p)
        return;
    union head *h = (union head *)p - 1;
    if (reading) {   /* outside of one the chain is of the past */
        h->in.prev->in.next = h->in.next;
        h->in.next->in.prev = h->in.prev;
    }
    mem_free(h);
}

void json_read_init(void)
{
    json_set_alloc_funcs(alloc, release);
    json_object_seed(0);
}

void json_text_free(char *text)
{
    json_free_t give_back;
    json_get_alloc_funcs(NULL, &give_back);
    give_back(text);
}

json_t *json_read(const char *text, size_t len, size_t flags, json_error_t *error)
{
    struct reading here;
    here.all.in.prev = here.all.in.next = &here.all;
    reading = &here;
    if (setjmp(here.out)) {
        reading = NULL;
        for (union head *h = here.all.in.next, *next; h != &here.all; h = next) {
            next = h->in.next;
            mem_free(h);
        }
        if (error) {
            *error = (json_error_t){.line = -1, .column = -1};
            snprintf(error->text, sizeof error->text, "out of memory");
        }
        return NULL;
    }
    json_t *doc = json_loadb(text, len, flags, error);
    reading = NULL;
    return doc;
}
