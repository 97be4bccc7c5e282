/* What explains all that is red, a cause a line: how many rows, whether it broke or was meant, since when, how certain. */
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/view_layers.h"
#include "tui/view_list.h"

#define CAUSES_SHOWN 200
enum { STATE_CELLS = 160, STATUS_CELLS = 100 };

/* What stands beside the line of a cause: what it brought about, how that is known, and what to look at. */
static void cause_words(const struct graph *g, const struct tell *t, const struct why_cause *c, struct str *s)
{
    size_t from = s->len;
    for (size_t i = c->n > 1 ? c->n : 0; i-- > 0;) {
        const struct row *r = links_row(g->links, c->hop[i]);
        str_addf(s, "%s%s %s", s->len == from ? "" : c->guess && i + 2 == c->n ? ", perhaps therefore " : ", therefore ", r->kind->singular, r->name);
    }
    if (c->n > 1) str_adds(s, ".   ");
    size_t had = s->len;
    tell_state(t, c, s);                    /* ": user u-1 asked for it" */
    if (s->len > had) memmove(s->data + had, s->data + had + 2, s->len - had - 1), s->len -= 2, str_adds(s, ".   ");
    size_t more = s->len;
    if (c->state == WHY_CONTRADICTS || why_contradicts(t->l, c->hop[c->n - 1])) tell_contradiction(t, c->hop[c->n - 1], "It ", s);
    tell_hidden(t, c->hop[c->n - 1 - c->guess], s->len > more ? ".   strata " : "strata ", s);
    tell_api(t, c, s->len > more ? ".   " : "", s);
    tell_dark(c, s->len > more ? ".   " : "", ".   ", s);
    if (s->len > more) str_adds(s, ".   ");
    if (c->more) str_addf(s, "%zu more not well hang on it.   ", c->more);
    str_adds(s, "Look at: ");
    tell_next(t, c, s);
}

/* The line itself stands before it where it was too long. */
void cause_foot(struct board *b, const struct graph *g, const struct tell *t, const struct why_cause *c)
{
    struct str s;
    str_init(&s, 4096);
    cause_words(g, t, c, &s);
    board_foot(b, "%s", s.data ? s.data : "");
    str_release(&s);
}

/* Of a list that is not read any more: as it was seen last. */
void board_old(struct board *b, const struct tell *t, uint32_t node)
{
    char age[40];
    int64_t old = tell_old(t, node);
    if (!old) return;
    text_age(age, sizeof age, (clock_mono_ms() - old) / 1000);
    board_put(b, ROLE_STALE, "seen %s ago", age);
    board_put(b, ROLE_TEXT, "  ");
}

/* Where there is little room, the word for what was no break stands with what it says. */
static bool narrow(const struct app *a) { return app_canvas(a)->w < STATUS_CELLS; }

enum { C_ORDER, C_ROWS, C_FOR, C_CLASS, C_STATE, C_KIND, C_SCOPE, C_NAME, C_SAYS };
static const struct column columns[] = {
    [C_ORDER] = LISTING_ORDER,
    [C_ROWS] = {.id = "rows", .title = "ROWS", .help = "Red rows that it explains.", .type = COL_INT, .flags = COL_RIGHT | COL_DESC, .width = 4},
    [C_FOR] = {.id = "age", .title = "FOR", .help = "Since when it is so, as far as the APIs tell.", .type = COL_TIME, .flags = COL_RIGHT, .none = "-"},
    [C_CLASS] = {.id = "class", .title = "CLS", .help = "How certain its links are: A by identity, B strong, C a guess, X contradictory.", .type = COL_TEXT},
    [C_STATE] = {.id = "state", .title = "STATE", .help = "Broken, planned, not well, unseen or contradictory.", .type = COL_TEXT},
    [C_KIND] = {.id = "kind", .title = "KIND", .help = "What it is.", .type = COL_TEXT},
    [C_SCOPE] = {.id = "namespace", .title = "NAMESPACE", .help = "Its namespace.", .type = COL_TEXT, .flags = COL_WIDE},
    [C_NAME] = {.id = "name", .title = "CAUSE", .help = "Its name.", .type = COL_TEXT},
    [C_SAYS] = {.id = "says", .title = "SAYS", .help = "The words of its state.", .type = COL_TEXT, .flags = COL_STATE | COL_PROSE, .max_width = STATE_CELLS},
};
static const struct kind causes_kind = {
    .id = "causes", .singular = "cause", .title = "causes", .help = "What explains all that is red.", .plane = PLANE_KUBE, .flags = KIND_ANYWHERE,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns,
};

/* A row may be well by its own word and still be what is wrong: it is shown as what it is here. */
static enum health looks(enum why_state s, const struct row *r)
{
    if (s == WHY_BROKEN || s == WHY_CONTRADICTS || s == WHY_DANGLING) return HEALTH_BAD;
    return (s == WHY_WEAK || s == WHY_UNSEEN) && (r->health == HEALTH_OK || r->health == HEALTH_NONE) ? HEALTH_WARN : (enum health)r->health;
}

/* Who contradicts whom, before what it says of itself. */
static void against(const struct tell *t, const struct why_cause *c, struct str *says)
{
    if (why_contradicts(t->l, c->hop[c->n - 1])) tell_contradiction(t, c->hop[c->n - 1], "", says);
    else why_attached(t->l, c->hop[c->n - 1], says);
    if (says->len) str_adds(says, "; ");
}

/* Who took it down, or that nobody did. */
static void asked(const struct tell *t, const struct why_cause *c, struct str *says)
{
    struct str s;
    str_init(&s, 4096);
    tell_state(t, c, &s);
    if (s.len > 2) str_addf(says, "%s; ", s.data + 2);
    str_release(&s);
}

static void write_cause(struct listing *b, struct app *a, const struct graph *g, const struct tell *t, const struct why_cause *c)
{
    struct why_cause cut;
    c = tell_cut(t, c, &cut);
    uint32_t node = c->hop[c->n - 1];
    const struct row *r = links_row(g->links, node);
    struct rowbuf *rb = listing_row(b, r, node);
    enum why_state s = tell_state(t, c, NULL);
    struct str says, foot;
    char age[40];
    int64_t old = tell_old(t, node);
    if (!rb) return;
    str_init(&says, 1 << 16);
    str_init(&foot, 1 << 16);
    rowbuf_health(rb, looks(s, r));
    rowbuf_num(rb, C_ROWS, (int64_t)c->explains);
    int64_t since = tell_since(t, c), seen = since == CELL_NONE ? tell_seen_since(t, r) : CELL_NONE;
    rowbuf_num(rb, C_FOR, seen != CELL_NONE ? -seen : since);
    rowbuf_textf(rb, C_CLASS, "%c", link_class_letter((enum link_class)c->cls));
    rowbuf_text(rb, C_STATE, tell_cause_word(t, c));
    rowbuf_text(rb, C_KIND, r->kind->singular);
    if (r->kind->plane == PLANE_KUBE && *r->scope) rowbuf_text(rb, C_SCOPE, r->scope);
    rowbuf_text(rb, C_NAME, r->name);
    if (narrow(a) && (s != WHY_BROKEN || c->shared.silent)) str_addf(&says, "%s: ", tell_cause_word(t, c));
    if (old) text_age(age, sizeof age, (clock_mono_ms() - old) / 1000), str_addf(&says, "seen %s ago, ", age), rowbuf_flag(rb, ROW_STALE);
    size_t lead = says.len;
    if (s == WHY_CONTRADICTS || why_contradicts(t->l, node)) against(t, c, &says);
    if (c->state == WHY_STOPPED) asked(t, c, &says);
    size_t own = says.len;                                      /* the foot says that behind it */
    why_words_whole(r, app_now(a, r->source), &says);
    rowbuf_text(rb, C_SAYS, says.data ? says.data : "");
    tell_row(t, r, &foot);
    str_addf(&foot, ": %.*s%s;   ", (int)lead, says.data ? says.data : "", says.data ? says.data + own : "");
    if (seen != CELL_NONE) text_age(age, sizeof age, (app_now(a, r->source) - seen) / 1000), str_addf(&foot, "seen since <%s: no API tells since when.   ", age);
    cause_words(g, t, c, &foot);
    listing_done(b, foot.data);
    str_release(&says);
    str_release(&foot);
}

static void write_causes(struct listing *b, struct app *a, const struct graph *g, const struct tell *t, void *arg)
{
    const struct why_world *w = &g->why;
    struct tell_sum sum;
    size_t *order = mem_alloc((w->n + 1) * sizeof *order), n = order ? tell_order(t, order) : 0;
    (void)arg;
    tell_sum(t, &sum);
    if (w->red) tell_sum_words(&sum, listing_head(b));
    else str_addf(listing_head(b), "nothing is red%s", app_graph_sees_all(a) ? "" : " of what can be seen");
    for (size_t i = 0; i < n && i < CAUSES_SHOWN; i++) write_cause(b, a, g, t, &w->cause[order[i]]);
    if (n > CAUSES_SHOWN) str_addf(listing_head(b), "; the first %d of %zu", CAUSES_SHOWN, n);
    mem_free(order);
}

void run_causes(struct app *a, struct screen *s, const char *args)
{
    static const struct list_kind kind = {.kind = &causes_kind, .write = write_causes};
    (void)s, (void)args;
    list_open(a, &kind, NULL, NULL);
}
