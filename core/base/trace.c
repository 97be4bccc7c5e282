/* Trace log: one JSON line an event, one write() a line so that lines of threads never mix. */
#include "strata/trace.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "strata/clock.h"
#include "strata/str.h"

static const char *const cat_names[] = {
#define XX(n) #n,
    TRACE_LIST(XX)
#undef XX
};

/* set by trace_open before threads start; mask 0 = off */
static atomic_uint mask;
static atomic_int trace_fd = -1;
static atomic_uint dropped;

static unsigned parse_cats(const char *s)
{
    unsigned all = (1u << TRACE_COUNT) - 1, m = 0;
    if (!s || !*s)
        return all;
    if (*s == '-')
        m = all;   /* "-kube" alone means everything else */
    while (*s) {
        size_t n = strcspn(s, ",");
        bool off = *s == '-';
        for (unsigned i = 0; i < TRACE_COUNT; i++) {
            if (strlen(cat_names[i]) != n - off || strncmp(cat_names[i], s + off, n - off) != 0)
                continue;
            if (off)
                m &= ~(1u << i);
            else
                m |= 1u << i;
        }
        s += n + (s[n] == ',');
    }
    return m;
}

void trace_open(void)
{
    const char *file = getenv("STRATA_TRACE");
    if (!file || !*file)
        return;
    int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return;
    atomic_store(&trace_fd, fd);
    atomic_store(&mask, parse_cats(getenv("STRATA_TRACE_CATS")));
}

void trace_close(void)
{
    atomic_store(&mask, 0);
    int fd = atomic_exchange(&trace_fd, -1);
    if (fd >= 0)
        close(fd);
}

bool trace_on(enum trace_cat cat)
{
    return atomic_load_explicit(&mask, memory_order_relaxed) >> cat & 1u;
}

void trace_write(enum trace_cat cat, const char *event, const char *fmt, ...)
{
    int fd = atomic_load(&trace_fd);
    if (fd < 0)
        return;
    struct str text, line;
    str_init(&text, 16384);
    str_init(&line, 65536);
    va_list ap;
    va_start(ap, fmt);
    str_addv(&text, fmt, ap);
    va_end(ap);
    unsigned lost = atomic_exchange(&dropped, 0);
    str_addf(&line, "{\"t\":%lld,\"us\":%lld,\"thread\":%d,\"cat\":\"%s\",\"event\":\"%s\",", (long long)clock_wall_ms(),
             (long long)clock_mono_us(), (int)gettid(), cat_names[cat], event);
    if (lost)
        str_addf(&line, "\"dropped\":%u,", lost);
    str_adds(&line, "\"text\":");
    if (text.failed)
        str_adds(&line, "\"(too long)\"");
    else
        str_add_json(&line, text.data, text.len);
    str_adds(&line, "}\n");
    if (line.failed || write(fd, line.data, line.len) != (ssize_t)line.len)
        atomic_fetch_add(&dropped, lost + 1);
    str_release(&text);
    str_release(&line);
}
