/* jansson behind our allocator: after the first failure inside one reading, that reading gets no more memory. */
#include "core/base/json_read.h"

#include "strata/mem.h"

enum reading { READ_NONE, READ_GOING, READ_STARVED };
static _Thread_local enum reading reading;

static void *alloc(size_t n)
{
    void *p = reading == READ_STARVED ? NULL : mem_alloc(n);
    if (!p && reading == READ_GOING)
        reading = READ_STARVED;
    return p;
}

void json_read_init(void)
{
    json_set_alloc_funcs(alloc, mem_free);
    json_object_seed(0);
}

json_t *json_read(const char *text, size_t len, size_t flags, json_error_t *error)
{
    reading = READ_GOING;
    json_t *doc = json_loadb(text, len, flags, error);
    if (doc && reading == READ_STARVED) {   /* whatever was read lacks something */
        json_decref(doc);
        doc = NULL;
    }
    reading = READ_NONE;
    return doc;
}
