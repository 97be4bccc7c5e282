/* The guard: read-only and protected sources, maintenance windows, and what opens a way into a pod. */
#include "core/ops/guard.h"

#include <string.h>

#include "strata/clock.h"
#include "strata/text.h"
#include "strata/window.h"

/* What opens a way into a pod. */
static bool streams(const struct action_request *a)
{
    static const char *const verbs[] = {"exec", "attach", "port-forward", "upload", "download"};
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (!strcmp(a->verb, verbs[i]))
            return true;
    return false;
}

bool guard_reads(const struct action_request *a)
{
    return !strcmp(a->verb, "download");
}

enum err_code guard_source(const struct source_info *info, const struct options *opt, struct err *err)
{
    if (opt->read_only)
        return err_set(err, ERR_READONLY, 0, "strata runs read-only (--read-only or read-only: true in the configuration)");
    if (info->read_only)
        return err_set(err, ERR_READONLY, 0, "%s is read-only (sources: in the configuration)", info->name);
    return ERR_OK;
}

enum err_code guard_may(const struct source_info *info, const struct options *opt, const struct action_request *a, struct err *err)
{
    bool pod = !strcmp(a->row->kind->id, "pods"), service = !strcmp(a->row->kind->id, "services");
    if (!guard_reads(a) && guard_source(info, opt, err))
        return err->code;
    if (!streams(a) || (!pod && !(service && !strcmp(a->verb, "port-forward"))))
        return err_set(err, ERR_UNSUPPORTED, 0, "strata cannot %s a %s", a->verb, a->row->kind->singular);
    return ERR_OK;
}

/* Are all of these ("tier=prod,env=x") among the object's labels? */
static bool has_labels(const char *labels, const char *want)
{
    for (size_t n; *want; want += n + (want[n] == ',')) {
        bool found = false;
        n = strcspn(want, ",");
        for (size_t at = 0, len; !found && labels[at]; at += len + (labels[at + len] == ',')) {
            len = strcspn(labels + at, ",");
            found = len == n && !strncmp(labels + at, want, n);
        }
        if (!found)
            return false;
    }
    return true;
}

enum err_code guard_window(const struct source_info *info, const struct options *opt, const char *labels, int64_t *until_ms, struct err *err)
{
    int64_t now = clock_wall_ms();
    *until_ms = 0;
    for (size_t i = 0, bit = 0; info->windows && i < opt->nrules; i++) {
        const struct source_rule *r = &opt->rules[i];
        if (!r->nwindows || bit >= 64 || !(info->windows & UINT64_C(1) << bit++) || (r->labels && labels && !has_labels(labels, r->labels)))
            continue;
        int64_t end = 0, opens = INT64_MAX, at;
        for (size_t k = 0; k < r->nwindows; k++) {
            bool open = window_open(&r->windows[k], now, &at);
            if (open && at > end)
                end = at;
            else if (!open && at < opens)
                opens = at;
        }
        if (!end) {
            char when[40], in[32];
            text_format_time(when, sizeof(when), opens);
            text_age(in, sizeof(in), (opens - now) / 1000);
            return err_set(err, ERR_FORBIDDEN, 0, "%s is outside its maintenance window (%s%s): it opens in %s, at %s", info->name,
                           r->windows[0].text, r->nwindows > 1 ? ", ..." : "", in, when);
        }
        if (!*until_ms || end < *until_ms)
            *until_ms = end;
    }
    return ERR_OK;
}

enum err_code guard_check(const struct source_info *info, const struct options *opt, const struct action_request *a,
                          struct err *err)
{
    int64_t until;
    if (guard_may(info, opt, a, err))
        return err->code;
    if (guard_reads(a))
        return ERR_OK;
    if (guard_window(info, opt, *a->row->uid ? a->row->labels : NULL, &until, err))
        return err->code;
    if (info->protected_ && !(a->typed && text_typed(info->name, a->typed)))
        return err_set(err, ERR_FORBIDDEN, 0, "%s is protected: its name must be typed to confirm", info->name);
    return ERR_OK;
}
