/* Any bytes in any chunks: no crash, bounded clean lines, and chunking changes nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/kube/loglines.h"

static void emit(void *arg, int64_t ns, const char *text, size_t len)
{
    struct str *out = arg;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            abort();
    str_add(out, text, len);
    str_addf(out, "@%lld\n", (long long)ns);
}

static void run(const uint8_t *data, size_t size, size_t chunk, struct str *out)
{
    struct loglines ll;
    str_init(out, (size_t)16 << 20);
    loglines_init(&ll, emit, out);
    for (size_t i = 0; i < size; i += chunk)
        loglines_feed(&ll, (const char *)data + i, size - i < chunk ? size - i : chunk);
    loglines_resume(&ll);
    loglines_feed(&ll, (const char *)data, size);
    loglines_end(&ll);
    loglines_release(&ll);
}

struct sent { struct loglines ll; struct str out; };

static void emit_sent(void *arg, int64_t ns, const char *text, size_t len)
{
    struct sent *s = arg;
    (void)ns;
    str_add(&s->out, text, len);
    if (!s->ll.more)
        str_addc(&s->out, '\n');
}

/* As sent, with the stamps, nothing may be lost, added or changed. */
static void run_sent(const uint8_t *data, size_t size, size_t chunk)
{
    struct sent s;
    str_init(&s.out, (size_t)16 << 20);
    loglines_init(&s.ll, emit_sent, &s);
    s.ll.as_sent = s.ll.keep_stamp = true;
    for (size_t i = 0; i < size; i += chunk)
        loglines_feed(&s.ll, (const char *)data + i, size - i < chunk ? size - i : chunk);
    loglines_end(&s.ll);
    if (!s.out.failed && !s.ll.lost && (s.out.len != size || (size && memcmp(s.out.data, data, size) != 0)))
        abort();
    loglines_release(&s.ll);
    str_release(&s.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str a, b;
    if (!size)
        return 0;
    run(data + 1, size - 1, 1 + data[0] % 64, &a);
    run(data + 1, size - 1, size, &b);
    if (!a.failed && !b.failed && (a.len != b.len || memcmp(a.data, b.data, a.len) != 0))
        abort();
    run_sent(data + 1, size - 1, 1 + data[0] % 64);
    str_release(&a);
    str_release(&b);
    return 0;
}
