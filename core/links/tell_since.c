/* Since when a row is as it is told, in words: each hop of a chain says so, or when it was read. */
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/clock.h"
#include "strata/tell.h"
#include "strata/text.h"
#include "strata/timeline.h"

bool tell_action(const struct tell *t, const struct row *server, struct tell_action *a)
{
    if (strcmp(server->kind->id, "server") != 0 || !t->newest_action || !t->newest_action(t->arg, server, a->line, sizeof a->line))
        return false;
    char *when = strchr(a->line, '\n'), *user = when ? strchr(when + 1, '\n') : NULL;
    if (!user)
        return false;
    *when++ = *user++ = '\0';
    user[strcspn(user, "\n")] = '\0';
    a->user = user;
    a->ms = CELL_NONE;
    if (!text_parse_time(when, strlen(when), &a->ms))
        a->ms = CELL_NONE;
    return true;
}

/* Nova's record of a server that is off may be touched later by something else: who turned it off did that when the action says. */
int64_t tell_since(const struct tell *t, const struct why_cause *c)
{
    const struct row *r = links_row(t->l, c->hop[c->n - 1]);
    struct tell_action a;
    bool acted = c->state == WHY_STOPPED && tell_action(t, r, &a) && a.ms != CELL_NONE && link_takes_down(a.line);
    return acted ? a.ms : c->since != CELL_NONE && !c->cut ? c->since : why_since(r);
}

int64_t tell_seen_since(const struct tell *t, const struct row *r)
{
    int64_t lo;
    return t->core && core_seen_since(t->core, r, &lo) ? lo + tell_now_ms(t, r) - clock_wall_ms() : CELL_NONE;
}

static void ago(int64_t ms, const char *before, const char *after, struct str *out)
{
    char age[40];
    text_age(age, sizeof age, ms < 0 ? 0 : ms / 1000);
    str_addf(out, "%s%s%s", before, age, after);
}

/* Nova has no date of a hypervisor: its state is the word of its nova-compute. */
static const struct row *speaks_for(const struct links *l, uint32_t node)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (link_related(&e[i], "managed") && e[i].cls != LINK_X)
            return links_row(l, e[i].to);
    return NULL;
}

void tell_age(const struct tell *t, uint32_t node, struct str *out)
{
    const struct link_snap *s = NULL;
    const struct row *r = link_node_row(t->l, node, &s), *by = r ? speaks_for(t->l, node) : NULL;
    if (!r || why_words_dated(r))
        return;
    int64_t since = why_state_of(r) > WHY_FINE ? why_since(r) : CELL_NONE;
    int64_t seen = since == CELL_NONE && why_state_of(r) > WHY_FINE ? tell_seen_since(t, r) : CELL_NONE;
    if (since != CELL_NONE) {
        ago(tell_now_ms(t, r) - since, ", since ", "", out);
    } else if (by && why_since(by) != CELL_NONE) {
        ago(tell_now_ms(t, by) - why_since(by), ", its nova-compute seen ", " ago", out);
    } else if (seen != CELL_NONE) {
        ago(tell_now_ms(t, r) - seen, ", seen since <", "", out);
    } else {
        int64_t read = s && !tell_old(t, node) ? tell_answered(t, s->snap) : 0;       /* how old it is, is told there */
        if (read > 0)
            ago(clock_mono_ms() - read, ", read ", " ago", out);
    }
}
