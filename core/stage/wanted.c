/* Probes that were asked for by name must be able to prove something: else nothing is deleted, and it is said why. */
#include <stdio.h>
#include <string.h>

#include "core/stage/live.h"

#define RECENT_US 2500000
#define ENOUGH 3                       /* failures in a row, with nothing good before, to call it dead */

/* Of its newest samples: any good, how many not, does one still wait? */
struct recent { unsigned ok, failed, pending; uint16_t status; uint8_t class; };      /* of the newest failure */

static struct recent recent_of(const struct live_strip *s, struct arena *a, int64_t now)
{
    const struct stage_sample *v;
    struct recent r = {.ok = 0};
    for (size_t n = samples_copy(s->samples, a, &v); n-- > 0 && v[n].slot_us > now - RECENT_US;) {
        r.ok += v[n].class == STAGE_OK;
        r.pending += v[n].class == STAGE_PENDING;
        if (v[n].class == STAGE_OK || !sample_known(&v[n]))
            continue;
        if (!r.failed++) {
            r.status = v[n].status;
            r.class = v[n].class;
        }
    }
    return r;
}

static void say(struct err *err, enum err_code code, const struct live_strip *s, const char *what)
{
    err_set(err, code, 0, "%s %.120s was asked for, %s", s->show.label, s->show.target, what);
}

/* What is wrong with it, so that it can be mended: a typing error in a path is not a server that is away. */
void wanted_words(const struct stage_sample *x, char *buf, size_t size)
{
    if (x->status)
        snprintf(buf, size, "but it answers HTTP %u before the delete already%s: it would prove nothing", x->status, x->status == 404 ? " (is the path right?)" : "");
    else
        snprintf(buf, size, "but it does not answer before the delete either (%s): it would prove nothing",
                 x->class == STAGE_OTHER ? "unreachable, or what answers speaks no HTTP" : x->class == STAGE_PENDING ? "no answer yet" : stage_class_words((enum stage_class)x->class));
}

enum wanted live_wanted(const struct live *l, int64_t now, struct err *err)
{
    enum wanted answer = WANTED_WORKS;
    struct arena a;
    arena_init(&a, (size_t)64 << 20);
    for (size_t i = 0; i < l->nstrips && answer != WANTED_FAILS; i++) {
        const struct live_strip *s = &l->strip[i];
        if (!s->wanted)
            continue;
        if (!s->samples) {
            say(err, s->why ? s->why : ERR_CONFIG, s, s->show.note);
            answer = WANTED_FAILS;
            continue;
        }
        struct recent r = recent_of(s, &a, now);
        if (r.ok)
            continue;
        struct stage_sample last = {.status = r.status, .class = r.failed ? r.class : STAGE_PENDING};
        char words[200];
        wanted_words(&last, words, sizeof words);
        say(err, ERR_FORBIDDEN, s, words);
        answer = r.failed >= ENOUGH ? WANTED_FAILS : WANTED_WAITS;
    }
    arena_release(&a);
    return answer;
}
