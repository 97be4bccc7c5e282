/*
 * Purpose:   one error value that travels outward and ends as one sentence.
 * Thread:    any (plain values, no shared state).
 * Ownership: values; nothing to free.
 * Errors:    this is the error type. 0 (ERR_OK) is success everywhere.
 * Units:     detail is an errno, CURLcode or HTTP status, by code.
 */
#ifndef STRATA_ERR_H
#define STRATA_ERR_H

#include <stdarg.h>

/* code, default sentence */
#define ERR_LIST(XX)                                                  \
    XX(OK, "no error")                                                \
    XX(NOMEM, "out of memory")                                        \
    XX(IO, "input/output error")                                      \
    XX(USAGE, "wrong usage")                                          \
    XX(CONFIG, "bad configuration")                                   \
    XX(PARSE, "cannot be parsed")                                     \
    XX(NOTFOUND, "not found")                                         \
    XX(NET, "cannot connect")                                         \
    XX(TLS, "TLS failed")                                             \
    XX(TIMEOUT, "no answer in time")                                  \
    XX(AUTH, "not authenticated")                                     \
    XX(FORBIDDEN, "not allowed")                                      \
    XX(GONE, "expired on the server")                                 \
    XX(CONFLICT, "changed meanwhile")                                 \
    XX(THROTTLED, "asked to slow down")                               \
    XX(SERVER, "server error")                                        \
    XX(REQUEST, "request refused")                                    \
    XX(PROTO, "reply not understood")                                 \
    XX(TOOBIG, "too big")                                             \
    XX(CANCELED, "canceled")                                          \
    XX(UNSUPPORTED, "not supported by the server")                    \
    XX(READONLY, "read-only")                                         \
    XX(EXEC, "helper program failed")

enum err_code {
#define XX(code, text) ERR_##code,
    ERR_LIST(XX)
#undef XX
};

struct err {
    enum err_code code;
    int detail;
    char msg[320];
};

#define ERR_INIT {ERR_OK, 0, ""}

/* Fills *err (may be NULL) and returns code, so that callers can `return err_set(...)`.
 * The message must already be free of control characters from outside: use text_clean()
 * for strings that came from a server or a file. */
enum err_code err_set(struct err *err, enum err_code code, int detail, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts context in front: "listing pods on mgmt: connection refused". Keeps code and detail. */
enum err_code err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "NOMEM", "AUTH", ... and the default sentence. Never NULL. */
const char *err_name(enum err_code code);
const char *err_text(enum err_code code);

/* Is it worth asking again without a change by the user? (NET, TIMEOUT, THROTTLED, SERVER) */
int err_retryable(enum err_code code);

#endif
