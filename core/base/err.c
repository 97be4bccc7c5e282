/* The one error value: names, default sentences, and context put in front on the way out. */
#include "strata/err.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *text;
} errors[] = {
#define XX(code, text) [ERR_##code] = {#code, text},
    ERR_LIST(XX)
#undef XX
};

/* A message that was cut by the buffer must not end in half a UTF-8 sequence. */
static void trim_utf8(char *msg)
{
    size_t n = strlen(msg), back = 0;
    while (back < 3 && back < n && ((unsigned char)msg[n - 1 - back] & 0xC0) == 0x80)
        back++;
    if (back >= n)
        return;
    unsigned char lead = (unsigned char)msg[n - 1 - back];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (need > back + 1)
        msg[n - 1 - back] = '\0';
}

enum err_code err_set(struct err *err, enum err_code code, int detail, const char *fmt, ...)
{
    if (!err)
        return code;
    char msg[sizeof err->msg];   /* an argument may be err->msg itself */
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    if (n < 0)
        snprintf(msg, sizeof msg, "%s", err_text(code));
    else if ((size_t)n >= sizeof msg)
        trim_utf8(msg);
    err->code = code;
    err->detail = detail;
    memcpy(err->msg, msg, strlen(msg) + 1);
    return code;
}

enum err_code err_wrap(struct err *err, const char *fmt, ...)
{
    if (!err)
        return ERR_OK;
    char context[sizeof err->msg], msg[2 * sizeof err->msg + 4];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(context, sizeof context, fmt, ap);
    va_end(ap);
    if (n < 0)
        return err->code;
    const char *inner = err->msg[0] ? err->msg : err_text(err->code);
    snprintf(msg, sizeof msg, "%s: %s", context, inner);
    msg[sizeof err->msg - 1] = '\0';
    if (strlen(msg) == sizeof err->msg - 1)
        trim_utf8(msg);
    memcpy(err->msg, msg, strlen(msg) + 1);
    return err->code;
}

static int known(enum err_code code)
{
    return (unsigned)code < sizeof errors / sizeof *errors;
}

const char *err_name(enum err_code code)
{
    return known(code) ? errors[code].name : "UNKNOWN";
}

const char *err_text(enum err_code code)
{
    return known(code) ? errors[code].text : "unknown error";
}

int err_retryable(enum err_code code)
{
    return code == ERR_NET || code == ERR_TIMEOUT || code == ERR_THROTTLED || code == ERR_SERVER;
}
