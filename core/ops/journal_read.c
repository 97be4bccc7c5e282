/* The journal read back, oldest line first, through its rotated files. Lines that a crash cut, or that are none, are passed over. */
#include "core/ops/journal_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/action.h"
#include "core/ops/journal.h"
#include "strata/ops.h"
#include "strata/text.h"

#define MAX_LINE ((size_t)8 << 20)

bool journal_parse(const char *text, size_t len, bool (*line)(void *arg, json_t *j), void *arg)
{
    bool going = true;
    for (size_t at = 0, n; going && at < len; at += n + 1) {
        const char *end = memchr(text + at, '\n', len - at);
        n = end ? (size_t)(end - text) - at : len - at;
        json_t *j = n && n < MAX_LINE ? json_read(text + at, n, 0, NULL) : NULL;
        if (json_is_object(j) && *act_str(j, "event"))
            going = line(arg, j);
        json_decref(j);
    }
    return going;
}

static bool read_file(const char *path, bool (*line)(void *arg, const char *text, size_t len), void *arg, struct err *err)
{
    FILE *f = fopen(path, "re");
    char *buf = NULL;
    size_t cap = 0;
    bool going = true;
    if (!f && errno != ENOENT)
        err_set(err, ERR_IO, errno, "the journal cannot be read (errno %d)", errno);
    for (ssize_t n; f && going && (n = getline(&buf, &cap, f)) > 0;)
        going = line(arg, buf, (size_t)n);
    if (f)
        fclose(f);
    (free)(buf);                          /* getline's own */
    return going;
}

enum err_code journal_lines(bool (*line)(void *arg, const char *text, size_t len), void *arg, struct err *err)
{
    char path[1024], old[1100];
    struct err e = ERR_INIT;
    bool going = true;
    if (!journal_path(path, sizeof(path)))
        return err_set(err, ERR_IO, 0, "there is no place for the journal");
    snprintf(old, sizeof(old), "%s.kept", path);
    going = read_file(old, line, arg, &e);
    for (int i = 9; i > 0 && going; i--) {
        snprintf(old, sizeof(old), "%s.%d", path, i);
        going = read_file(old, line, arg, &e);
    }
    if (going)
        read_file(path, line, arg, &e);
    if (e.code && err)
        *err = e;
    return e.code;
}

struct parsing { bool (*line)(void *arg, json_t *j); void *arg; };

static bool parse_line(void *arg, const char *text, size_t len)
{
    struct parsing *p = arg;
    return journal_parse(text, len, p->line, p->arg);
}

enum err_code journal_read(bool (*line)(void *arg, json_t *j), void *arg, struct err *err)
{
    struct parsing p = {line, arg};
    return journal_lines(parse_line, &p, err);
}

/* ---- for people ---- */

struct printing { struct str *out; int64_t since_ms; bool json; size_t n; };

static void add(struct str *out, const char *s)
{
    text_clean(out, s, strlen(s), 0);
}

void journal_words(struct str *out, const json_t *j)
{
    const char *event = act_str(j, "event"), *verb = act_str(j, "action"), *scope = act_str(j, "scope"), *name = act_str(j, "name");
    add(out, act_str(j, "time"));
    str_addc(out, ' ');
    add(out, act_str(j, "who"));
    str_addf(out, " %-8s", event);
    if (json_is_true(act_get(j, "dry_run")))
        str_adds(out, " (dry run)");
    if (*act_str(j, "title")) {
        str_addc(out, ' ');
        add(out, act_str(j, "title"));
    } else if (*name || *act_str(j, "source")) {
        str_addc(out, ' ');
        add(out, *verb ? verb : act_str(j, "verb"));
        str_addc(out, ' ');
        add(out, act_str(j, "kind"));
        str_addc(out, ' ');
        add(out, scope);
        str_adds(out, *scope ? "/" : "");
        add(out, name);
        str_adds(out, " on ");
        add(out, act_str(j, "source"));
    }
    static const char *const more[] = {"request", "result", "text", "request_id", "key"};
    if (json_is_integer(act_get(j, "status")))
        str_addf(out, ", HTTP %d", (int)act_num(j, "status", 0));
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        if (!*act_str(j, more[i]))
            continue;
        str_adds(out, i ? ", " : ": ");
        if (i >= 3)
            str_addf(out, "%s ", more[i]);
        add(out, act_str(j, more[i]));
    }
    str_addc(out, '\n');
}

static bool print(void *arg, json_t *j)
{
    struct printing *p = arg;
    int64_t at = 0;
    const char *time = act_str(j, "time");
    if (p->since_ms && (!text_parse_time(time, strlen(time), &at) || at < p->since_ms))
        return true;
    if (p->json) {
        char *text = json_dumps(j, JSON_COMPACT);
        str_adds(p->out, p->n++ ? ",\n" : "[");
        str_adds(p->out, text ? text : "null");
        json_text_free(text);
    } else {
        journal_words(p->out, j);
    }
    return !p->out->failed;
}

enum err_code audit_text(struct str *out, int64_t since_ms, bool json, struct err *err)
{
    struct printing p = {.out = out, .since_ms = since_ms, .json = json};
    enum err_code code = journal_read(print, &p, err);
    if (json)
        str_adds(out, p.n ? "]\n" : "[]\n");
    return out->failed ? err_set(err, ERR_TOOBIG, 0, "the journal is too big: ask for less of it with --since") : code;
}
