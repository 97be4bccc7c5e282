/* A journal as anything may have left it: read as operations and for people, no crash; what is printed is clean. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/ops/journal_read.h"
#include "core/ops/left.h"

static bool print(void *out, json_t *j)
{
    journal_words(out, j);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lefts all = {0};
    journal_parse((const char *)data, size, left_line, &all);
    for (size_t i = 0; i < all.n; i++) {
        const struct left *l = &all.item[i];
        if (l->ntargets > l->nsteps || !l->op)
            abort();
        for (size_t k = 0; k < l->nsteps; k++)
            if (!l->steps[k].what || (k < l->ntargets && l->steps[k].index != k))
                abort();
        (void)left_alive(l);
    }
    lefts_release(&all);
    struct str out;
    str_init(&out, (size_t)4 << 20);
    journal_parse((const char *)data, size, print, &out);
    for (size_t i = 0; i < out.len; i++)
        if (((unsigned char)out.data[i] < 0x20 && out.data[i] != '\n') || out.data[i] == 0x7f)
            abort();
    str_release(&out);
    return 0;
}
