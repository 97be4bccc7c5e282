/*
 * Purpose:   trace log: JSON lines, off unless --config/STRATA_TRACE switches categories on.
 * Thread:    any.
 * Ownership: nothing is kept.
 * Errors:    a trace that cannot be written is dropped and counted.
 *
 * STRATA_TRACE=FILE writes all categories; STRATA_TRACE_CATS="net,-kube" selects.
 * Never pass a secret: headers are redacted by net before they get here (tested).
 */
#ifndef STRATA_TRACE_H
#define STRATA_TRACE_H

#include <stdbool.h>

#define TRACE_LIST(XX) XX(net) XX(kube) XX(openstack) XX(store) XX(ops) XX(tui) XX(config)
enum trace_cat {
#define XX(n) TRACE_##n,
    TRACE_LIST(XX)
#undef XX
    TRACE_COUNT
};

void trace_open(void);   /* reads the environment; before threads start */
void trace_close(void);
bool trace_on(enum trace_cat cat);
void trace_write(enum trace_cat cat, const char *event, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#define TRACE(cat, event, ...)                                    \
    do {                                                          \
        if (trace_on(TRACE_##cat))                                \
            trace_write(TRACE_##cat, event, __VA_ARGS__);         \
    } while (0)

#endif
