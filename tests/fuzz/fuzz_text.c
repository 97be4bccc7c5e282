/* The sanitiser must make anything harmless, whatever comes; parsers must not read past the end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "strata/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *in, size_t size, unsigned flags)
{
    struct str once, twice;
    str_init(&once, 0);
    str_init(&twice, 0);
    text_clean(&once, in, size, flags);
    for (size_t i = 0; i < once.len; i++) {
        unsigned char c = (unsigned char)once.data[i];
        if ((c < 0x20 && !(c == '\n' && flags)) || c == 0x7F)
            abort();
        if (c == 0xC2 && (unsigned char)once.data[i + 1] < 0xA0)   /* C1 */
            abort();
    }
    text_clean(&twice, once.data, once.len, flags);
    if (once.len != twice.len || memcmp(once.data, twice.data, once.len) != 0)
        abort();
    int total = text_width(once.data, once.len), sum = 0, w;
    for (size_t i = 0, n; (n = text_next(once.data + i, once.len - i, &w)); i += n)
        sum += w;
    if (sum != total)
        abort();
    for (int cells = 0; cells < 12; cells++) {
        size_t fit = text_fit(once.data, once.len, cells, &w);
        if (w > cells || fit > once.len || text_width(once.data, fit) != w)
            abort();
    }
    str_release(&once);
    str_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *in = malloc(size ? size : 1);   /* of the exact size: reading past it is seen */
    if (!in)
        return 0;
    memcpy(in, data, size);
    check(in, size, 0);
    check(in, size, TEXT_KEEP_NEWLINES);
    int64_t v;
    if (text_parse_time(in, size, &v)) {
        char buf[40];
        text_format_time(buf, sizeof buf, v);
    }
    text_parse_quantity(in, size, &v);
    size_t half = size / 2;
    text_casestr(in, half, in + half, size - half);
    free(in);
    return 0;
}
