/* What explains all that is red, in words; what was meant is told apart from what broke. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/links/links_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/tell.h"
#include "strata/text.h"

bool link_takes_down(const char *action)
{
    static const char *const names[] = {"stop", "pause", "suspend", "shelve", "shelveOffload", "rescue"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], action))
            return true;
    return false;
}

/* A list that is followed says nothing while nothing changes: as long as its server answered, it held. */
int64_t tell_answered(const struct tell *t, const struct snap *s)
{
    const struct source_info *in = t->source(t->arg, snap_source(s));
    int64_t read = snap_status(s)->last_ok_mono_ms;
    bool followed = snap_kind(s) && snap_kind(s)->plane == PLANE_KUBE && snap_status(s)->state == FEED_LIVE && !*snap_status(s)->note;
    return in && (in->state >= SOURCE_STALE || followed) && read > 0 && in->last_ok_mono_ms > read ? in->last_ok_mono_ms : read;
}

int64_t tell_old(const struct tell *t, uint32_t node)
{
    const struct link_snap *own = NULL;
    const struct row *r = link_node_row(t->l, node, &own);
    bool old = own && !(r->flags & ROW_STALE) && snap_status(own->snap)->state == FEED_STALE && !link_is_place(r->kind);
    return old ? tell_answered(t, own->snap) : 0;
}

/* Red when it was read last; whether it is now, nobody knows. */
static void old_word(const struct tell *t, uint32_t node, struct str *words)
{
    int64_t old = tell_old(t, node);
    if (!old)
        return;
    str_adds(words, ": no longer read");
    tell_last(old, words);
}

/* A rollout that fails, and by what it is seen. */
static void stuck_of(const struct tell *t, uint32_t node, enum why_state s, struct str *words)
{
    uint32_t pod;
    if ((s != WHY_BROKEN && s != WHY_WEAK) || !link_rollout_stuck(t->l, node, &pod))
        return;
    str_adds(words, ": its rollout is stuck");
    if (pod != LINK_NO_NODE) {
        const struct row *r = links_row(t->l, pod);
        size_t all, made, fail;
        link_rollout_count(t->l, node, &all, &made, &fail);
        str_addf(words, " at %zu of %zu pods, %zu fail%s: pod %s of its new revision: ", made, all, fail, fail == 1 ? "s" : "", r->name);
        why_words(r, tell_now_ms(t, r), words);
    }
}

static int64_t cordoned(const struct row *r)
{
    int col = strcmp(r->kind->id, "nodes") ? -1 : kind_column(r->kind, "cordoned");
    return col >= 0 ? r->cell[col].n : CELL_NONE;
}

void tell_cordon(const struct tell *t, const struct row *r, const char *lead, struct str *out)
{
    char age[40], who[400];
    int64_t since = cordoned(r);
    if (since == CELL_NONE)
        return;
    text_age(age, sizeof age, (tell_now_ms(t, r) - since) / 1000);
    str_addf(out, "%scordoned since %s", lead, age);
    if (t->set_by && t->set_by(t->arg, r, who, sizeof who))
        str_addf(out, " %s", who);
}

/* What was scaled to nothing is off as somebody wanted it. That a set works no more with what was left of it was no part of that. */
static enum why_state scaled_state(const struct tell *t, const struct why_cause *c, struct str *words)
{
    uint32_t node = c->hop[c->n - 1];
    const struct row *r = links_row(t->l, node);
    const struct link_scaled *s = link_scaled_of(t->l, node);
    char who[400];
    bool known = t->set_by && t->set_by(t->arg, r, who, sizeof who);
    if (words && s)
        link_scaled_words(t->l, node, ": ", words);
    else if (words)
        str_adds(words, ": it is scaled to 0");
    if (words && known)
        str_addf(words, ", set %s", who);
    return known && c->state == WHY_STOPPED ? WHY_PLANNED : (enum why_state)c->state;
}

/* A cordon keeps pods off; that the node shall go would have been a drain. */
static void never_emptied(size_t pods, size_t servers, struct str *words)
{
    char n[64] = "";
    if (pods)
        snprintf(n, sizeof n, "%zu pod%s", pods, pods == 1 ? "" : "s");
    str_addf(words, ", but not emptied: it has %s", n);
    if (servers)
        str_addf(words, "%s%zu active server%s", pods ? " and " : "", servers, servers == 1 ? "" : "s");
}

/* What a row tells beside its state. */
static void known_of(const struct tell *t, uint32_t node, enum why_state s, struct str *words)
{
    const struct row *r = links_row(t->l, node), *top = links_row(t->l, link_top_of(t->l, node));
    int64_t since = cordoned(r), gone = why_onset(r);
    size_t others;
    old_word(t, node, words);
    link_together(t->l, node, &others);
    if (others && r->flags & ROW_HEAD)
        str_addf(words, ": nor do the %zu other APIs at its address: what stands before them is gone, or the way there", others);
    else if (others)
        str_addf(words, ": %zu other back end%s of its process fell silent with it", others, others == 1 ? "" : "s");
    why_absent_words(t->l, node, ": ", words);
    link_pool_words(t->l, node, ": ", words);
    struct str where;
    str_init(&where, 2048);
    if (why_attached(t->l, node, &where) != ATTACH_AGREED)
        str_addf(words, ": it %s", where.data ? where.data : "");
    str_release(&where);
    if (since != CELL_NONE && (s == WHY_BROKEN || s == WHY_PLANNED)) {
        size_t pods, servers;
        tell_cordon(t, r, ": ", words);
        if (s == WHY_BROKEN && gone >= since && link_carries(t->l, node, &pods, &servers))
            never_emptied(pods, servers, words);
        else
            str_adds(words, s == WHY_PLANNED ? "" : gone < since ? ", after it was gone" : ", long before it went away");
    }
    if (s == WHY_WEAK && link_out_of_service(r) && link_dead(r))
        str_adds(words, ": that it is disabled was somebody's decision, that it is silent was not");
    if (s == WHY_PLANNED && link_is(r, "os-services") && why_since(r) == CELL_NONE)
        str_adds(words, ": it is disabled, since when is not told");
    if (s == WHY_PLANNED && why_rolling(top))
        str_addf(words, ": %s %s rolls out a change", top->kind->singular, top->name);
    stuck_of(t, node, s, words);
}

/* A node that was given up before somebody asked for the stop of its server did not go away for that. Ages are each by its own clock. */
#define ASKED_AFTER_S 10
static size_t gone_before(const struct tell *t, const struct why_cause *c, int64_t asked_s)
{
    for (size_t i = c->n - 1; i-- > 0;) {
        const struct row *r = links_row(t->l, c->hop[i]);
        int64_t gone = link_is(r, "nodes") && !strcmp(row_column(r, "ready"), "Unknown") ? why_onset(r) : CELL_NONE;
        if (gone != CELL_NONE && (tell_now_ms(t, r) - gone) / 1000 > asked_s + ASKED_AFTER_S)
            return i + 1;
    }
    return c->n;
}

/* What took that server down, and how long ago; false: nothing that is known. */
static bool asked_for(const struct tell *t, uint32_t server, struct tell_action *a, int64_t *ago_s)
{
    const struct row *r = links_row(t->l, server);
    if (!tell_action(t, r, a))
        return false;
    *ago_s = a->ms != CELL_NONE ? (tell_now_ms(t, r) - a->ms) / 1000 : -1;
    return true;
}

/* Is it a guess, in each chain that leads there, that the last but one is that server? */
static bool guessed(const struct tell *t, const struct why_cause *c)
{
    struct link_edge e;
    uint32_t at;
    return c->cls == LINK_C && tell_edge(t->l, c->hop[c->n - 2], c->hop[c->n - 1], &e, &at) && e.cls == LINK_C;
}

const struct why_cause *tell_cut(const struct tell *t, const struct why_cause *c, struct why_cause *cut)
{
    struct tell_action a;
    int64_t ago;
    if (c->state != WHY_STOPPED || c->n < 2 || !asked_for(t, c->hop[c->n - 1], &a, &ago) || !link_takes_down(a.line) || !*a.user)
        return c;
    bool guess = guessed(t, c);
    size_t n = guess ? c->n - 1 : ago < 0 ? c->n : gone_before(t, c, ago);
    if (n == c->n)
        return c;
    *cut = *c;
    cut->below = c->hop[c->n - 1];
    cut->n = n;
    cut->state = WHY_BROKEN;
    cut->cut = guess ? WHY_STOPPED_PERHAPS : WHY_STOPPED_AFTER;
    return cut;
}

static void user_asked(const struct tell_action *a, int64_t ago_s, struct str *words)
{
    char age[40] = "";
    if (ago_s >= 0)
        text_age(age, sizeof age, ago_s);
    str_addf(words, "user %s asked for %s%s%s%s", a->user, a->line, *age ? " " : "", age, *age ? " ago" : "");
}

static void cut_words(const struct tell *t, const struct why_cause *c, struct str *words)
{
    struct tell_action a;
    int64_t ago;
    const struct row *r = links_row(t->l, c->below);
    bool after = c->cut == WHY_STOPPED_AFTER;
    str_addf(words, ": %s%s %s%s was taken down", after ? "after it was gone its " : "perhaps for ", r->kind->singular, r->name, after ? "" : " (a guess, class C), which");
    if (asked_for(t, c->below, &a, &ago))
        str_adds(words, ": "), user_asked(&a, ago, words);
}

/* Nova stops what it finds off by itself, in nobody's name. */
enum why_state tell_state(const struct tell *t, const struct why_cause *c, struct str *words)
{
    struct tell_action a;
    struct why_cause x;
    int64_t ago;
    uint32_t node = c->hop[c->n - 1];
    if (words)
        known_of(t, node, (enum why_state)c->state, words);
    if (words && c->shared.silent)
        str_adds(words, ": "), tell_shared(c, links_row(t->l, node), words);
    if (words && c->cut)
        cut_words(t, c, words);
    if (words && c->state == WHY_BROKEN && link_is(links_row(t->l, node), "server") && !strcmp(row_column(links_row(t->l, node), "status"), "ERROR") &&
        asked_for(t, node, &a, &ago) && !strcmp(a.line, "resetState") && *a.user)
        str_adds(words, ": "), user_asked(&a, ago, words);     /* that it is called so is somebody's work, too */
    if (link_scaled_of(t->l, node) || (c->state == WHY_STOPPED && links_row(t->l, node)->kind->plane == PLANE_KUBE))
        return scaled_state(t, c, words);
    if (c->state != WHY_STOPPED || !asked_for(t, node, &a, &ago))
        return (enum why_state)c->state;
    bool down = link_takes_down(a.line), meant = down && *a.user && tell_cut(t, c, &x) == c;
    if (!words)
        return meant ? WHY_PLANNED : WHY_BROKEN;
    if (down && *a.user)
        str_adds(words, ": "), user_asked(&a, ago, words);
    else if (down)
        str_adds(words, ": nobody asked for it, Nova found it off");
    else {
        char age[40] = "";
        if (ago >= 0)
            text_age(age, sizeof age, ago);
        str_addf(words, ": no action explains it, its newest is %s%s%s%s", a.line, *age ? " " : "", age, *age ? " ago" : "");
    }
    return meant ? WHY_PLANNED : WHY_BROKEN;
}

/* "is server web-1 (demo) by E11-1 providerID ..., is server db-1 ..." */
void tell_contradiction(const struct tell *t, uint32_t node, const char *lead, struct str *out)
{
    const struct link_edge *e;
    size_t n = links_down(t->l, node, &e), said = 0;
    for (size_t i = 0; i < n; i++) {
        if (e[i].cls != LINK_X)
            continue;
        str_addf(out, "%s%s ", said++ ? ", and it " : lead, links_relation(e[i].relation)->down);
        tell_row(t, links_row(t->l, e[i].to), out);
        str_adds(out, " (");
        links_evidence(t->l, node, &e[i], out);
        struct link_edge by;
        uint32_t true_one = e[i].overruled ? link_true_one(t->l, e[i].to, &by) : LINK_NO_NODE;
        if (true_one != LINK_NO_NODE) {
            str_adds(out, ", falsely: that is ");
            tell_row(t, links_row(t->l, true_one), out);
        }
        str_addc(out, ')');
        uint32_t rival = link_rival(t->l, node, &e[i], &by);
        if (rival == LINK_NO_NODE)
            continue;
        str_adds(out, ", and so is ");
        tell_row(t, links_row(t->l, rival), out);
        str_adds(out, " (");
        links_evidence(t->l, rival, &by, out);
        bool far = links_cluster(t->l, links_row(t->l, rival)->source) != links_cluster(t->l, links_row(t->l, node)->source);
        str_adds(out, far ? "): a server is a node of one cluster" : "): a server is one node of a cluster");
    }
}

void tell_hidden(const struct tell *t, uint32_t node, const char *lead, struct str *out)
{
    const struct snap *s = why_hidden(t->l, node);
    if (!s && !why_no_cloud(t->l, node))
        return;
    str_adds(out, lead);
    if (s)
        tell_unseen_list(t, s, out);
    else
        tell_no_cloud(out);
}

void tell_api(const struct tell *t, const struct why_cause *c, const char *lead, struct str *out)
{
    const struct row *api = c->hides ? links_row(t->l, c->api) : NULL;
    if (!api)
        return;
    str_adds(out, lead);
    if (c->api != c->hop[c->n - 1])
        str_addf(out, "%s%s %s does not answer, ", c->hides_guess ? "perhaps for it " : "", api->kind->singular, api->name);
    str_addf(out, "%zu list%s of %s %s not read", c->hides, c->hides == 1 ? "" : "s",
             tell_source(t, api), c->hides == 1 ? "is" : "are");
}

void tell_dark(const struct why_cause *c, const char *lead, const char *next, struct str *out)
{
    if (c->guessed && !c->shared.silent)
        str_addf(out, "%s%zu of the rows %s a guess: between lies what is not read", lead, c->guessed, c->guessed == 1 ? "is" : "are");
    if (c->dark)
        str_addf(out, "%s%zu red row%s end%s where they are not read", c->guessed && !c->shared.silent ? next : lead, c->dark, c->dark == 1 ? "" : "s", c->dark == 1 ? "s" : "");
}

void tell_last(int64_t mono_ms, struct str *out)
{
    time_t at = (time_t)((clock_wall_ms() - (clock_mono_ms() - mono_ms)) / 1000);
    struct tm tm;
    if (mono_ms > 0 && gmtime_r(&at, &tm))
        str_addf(out, ", since %02d:%02d:%02dZ", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* The same cause among those of all that is red: of a stop that came after, it is told at its node. */
const struct why_cause *tell_of_all(const struct tell *t, const struct why_cause *c)
{
    struct why_cause cut;
    const struct why_cause *all = t->why ? why_world_find(t->why, c->cut ? c->below : c->hop[c->n - 1]) : NULL;
    return all && (tell_cut(t, all, &cut) != all) == (c->cut != WHY_WHOLE) ? all : NULL;
}

/* "; that explains 4 red rows, 31 more are not well": the same numbers wherever a cause is named. */
void tell_weight(const struct tell *t, const struct why_cause *c, const char *lead, struct str *out)
{
    const struct why_cause *all = tell_of_all(t, c);
    size_t red = all ? all->explains : 0, more = all ? all->more : c->explains;
    if (red + more < 2)
        return;
    str_adds(out, lead);
    if (red)
        str_addf(out, "%zu red row%s", red, red == 1 ? "" : "s");
    if (all && all->guessed)
        str_addf(out, all->guessed == red ? " (a guess)" : " (%zu of them are a guess)", all->guessed);
    if (more)
        str_addf(out, red ? ", %zu more not well" : "%zu rows that are not well", more);
}

/* ---- all that is red ---- */

void tell_sum(const struct tell *t, struct tell_sum *s)
{
    const struct why_world *w = t->why;
    memset(s, 0, sizeof *s);
    s->rough = w->rough;
    for (size_t i = 0; i < w->n; i++) {
        const struct why_cause *c = &w->cause[i];
        bool planned = tell_state(t, c, NULL) == WHY_PLANNED;
        *(planned ? &s->planned : &s->causes) += 1;
        *(planned ? &s->planned_red : &s->red) += c->explains;
    }
    s->red += w->red - s->red - s->planned_red;         /* a row that nothing explains is one all the same */
}

void tell_sum_words(const struct tell_sum *s, struct str *out)
{
    if (s->causes || !s->planned)
        str_addf(out, "%s%zu cause%s explain%s %zu red row%s%s", s->rough ? "at most " : "", s->causes, s->causes == 1 ? "" : "s", s->causes == 1 ? "s" : "", s->red,
                 s->red == 1 ? "" : "s", s->planned ? "; " : "");
    if (s->planned)
        str_addf(out, "%zu planned", s->planned);
    if (s->planned_red)
        str_addf(out, " explain%s %zu", s->planned == 1 ? "s" : "", s->planned_red);
}

static void line(const struct tell *t, const struct why_cause *c, struct str *out)
{
    struct why_cause cut;
    c = tell_cut(t, c, &cut);
    const struct row *r = links_row(t->l, c->hop[c->n - 1]);
    char age[40] = "-";
    struct str known;
    str_init(&known, 1024);
    enum why_state s = tell_state(t, c, &known);
    int64_t since = tell_since(t, c);
    int64_t seen = since == CELL_NONE ? tell_seen_since(t, r) : CELL_NONE;
    if (since != CELL_NONE || seen != CELL_NONE)
        age[0] = '<', text_age(age + (seen != CELL_NONE), sizeof age - 1, (tell_now_ms(t, r) - (seen != CELL_NONE ? seen : since)) / 1000);
    str_addf(out, "%6zu  %-11s %5s  %c  ", c->explains, tell_cause_word(t, c), age, link_class_letter(c->cls));
    tell_says(t, r, out);
    str_add(out, known.data ? known.data : "", known.len);
    if (s == WHY_CONTRADICTS || why_contradicts(t->l, c->hop[c->n - 1]))     /* what is broken may contradict itself, too */
        tell_contradiction(t, c->hop[c->n - 1], "; it ", out);
    tell_hidden(t, c->hop[c->n - 1], "; ", out);
    tell_api(t, c, "; ", out);
    tell_dark(c, "; ", "; ", out);
    if (c->more)
        str_addf(out, "; %zu more not well", c->more);
    tell_risk(t, c->hop[c->n - 1], out);
    for (int cls = c->cls < LINK_X ? c->cls : 0; --cls > LINK_NONE;)
        if (c->by_class[cls])
            str_addf(out, "; %zu of the rows by class %c alone", c->by_class[cls], link_class_letter((enum link_class)cls));
    str_release(&known);
    str_addc(out, '\n');
}

const char *tell_state_word(enum why_state s)
{
    return s == WHY_WEAK ? "not well" : s == WHY_UNSEEN ? "unseen" : s == WHY_CONTRADICTS ? "contradicts" : why_state_name(s);
}

size_t tell_order(const struct tell *t, size_t *order)
{
    size_t n = 0;
    for (int planned = 0; planned < 2; planned++)
        for (size_t i = 0; i < t->why->n; i++)
            if ((tell_state(t, &t->why->cause[i], NULL) == WHY_PLANNED) == planned)
                order[n++] = i;
    return n;
}

static bool causes(const struct tell *t, size_t shown, struct str *out)
{
    const struct why_world *w = t->why;
    struct tell_sum sum;
    size_t planned = 0, *order = mem_alloc((w->n + 1) * sizeof *order);
    if (!order)
        return false;
    tell_sum(t, &sum);
    if (w->red)
        tell_sum_words(&sum, out);
    else
        str_addf(out, "nothing is red%s%s", t->partial ? " of what can be seen" : "", sum.planned ? "; what is planned:" : "");
    str_addc(out, '\n');
    size_t n = tell_order(t, order);
    if (n)
        str_adds(out, "  rows  state         for  class, cause\n");
    for (size_t i = 0; i < n && i < shown; i++)
        line(t, &w->cause[order[i]], out);
    for (size_t i = shown; i < n; i++)
        planned += tell_state(t, &w->cause[order[i]], NULL) == WHY_PLANNED;
    if (n > shown)
        str_addf(out, "... and %zu more", n - shown);
    if (planned)                                        /* they stand last: named at the top, they are looked for */
        str_addf(out, ", %zu of these planned", planned);
    str_adds(out, n > shown ? "\n" : "");
    mem_free(order);
    return true;
}

bool tell_causes(const struct tell *t, size_t shown, struct str *out)
{
    struct why_world made = {0};
    struct tell with = *t;
    if (!t->why && !why_all(&made, t->l))
        return false;
    with.why = t->why ? t->why : &made;
    bool ok = causes(&with, shown, out);
    why_world_free(&made);
    return ok && !out->failed;
}
