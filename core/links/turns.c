/* Who is away at the same time: targets go one after another, some together; pods that one budget guards go as it allows. */
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"

void link_turns_free(struct link_turns *t)
{
    mem_free(t->count);
    mem_free(t->round);
    memset(t, 0, sizeof *t);
}

static bool waits(const struct blast_cut *c) { return c->held && !c->allowed; }

bool link_turns_init(struct link_turns *t, const struct blast_cut *cut, size_t n, struct blast_pace pace)
{
    *t = (struct link_turns){.cut = cut, .n = n};
    for (size_t i = 0; i < n; i++) {
        t->turns = cut[i].turn >= t->turns ? cut[i].turn + 1 : t->turns;
        t->held = cut[i].held > t->held ? cut[i].held : t->held;
        t->waits += waits(&cut[i]);
    }
    t->together = pace.together && pace.together < t->turns ? pace.together : t->turns;
    t->step = pace.waves ? t->together : 1;
    t->count = mem_zalloc((t->held + 1) * sizeof *t->count);
    t->round = mem_zalloc((n + 1) * sizeof *t->round);
    if (t->count && t->round)
        return true;
    link_turns_free(t);
    return false;
}

static bool here(const struct link_turns *t, const struct blast_cut *c)
{
    return c->turn >= t->at && c->turn - t->at < t->together && !waits(c);
}

/* In which round of this window each goes; what nothing holds goes at once and is away in all of them. */
static void rounds(struct link_turns *t)
{
    memset(t->count, 0, (t->held + 1) * sizeof *t->count);
    t->rounds = 1;
    for (size_t i = 0; i < t->n; i++) {
        const struct blast_cut *c = &t->cut[i];
        if (!c->held || !here(t, c))
            continue;
        t->round[i] = t->count[c->held]++ / c->allowed;
        t->rounds = t->round[i] >= t->rounds ? t->round[i] + 1 : t->rounds;
    }
}

bool link_turns_next(struct link_turns *t, uint8_t *away)
{
    if (t->begun && ++t->now >= t->rounds) {
        t->now = 0;
        t->at += t->step;
        t->rounds = 0;
    }
    t->begun = true;
    if (!t->n || (t->at && (t->step > 1 ? t->at >= t->turns : t->at + t->together > t->turns)))
        return false;
    if (!t->rounds)
        rounds(t);
    for (size_t i = 0; i < t->n; i++) {
        const struct blast_cut *c = &t->cut[i];
        bool before = c->turn < t->at && !waits(c);
        away[i] = here(t, c) ? (!c->held || t->round[i] == t->now ? TURN_AWAY : TURN_THERE)
                : !before    ? TURN_THERE
                : !c->back   ? TURN_AWAY
                : !c->held && c->turn + t->step >= t->at ? TURN_JUST_BACK : TURN_THERE;
    }
    return true;
}
