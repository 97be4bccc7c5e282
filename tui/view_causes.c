/* What explains all that is red, a cause a line: how many rows, whether it broke or was meant, since when, how certain. */
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/view_layers.h"

#define CAUSES_SHOWN 200
enum { COUNT_CELLS = 6, NARROW_CELLS = 4, STATE_AT = 90, STATUS_CELLS = 100 };

/* The line itself stands before it where it was too long. */
void cause_foot(struct board *b, const struct graph *g, const struct tell *t, const struct why_cause *c)
{
    struct str s;
    str_init(&s, 4096);
    for (size_t i = c->n > 1 ? c->n : 0; i-- > 0;) {
        const struct row *r = links_row(g->links, c->hop[i]);
        str_addf(&s, "%s%s %s", !s.len ? "" : c->guess && i + 2 == c->n ? ", perhaps therefore " : ", therefore ", r->kind->singular, r->name);
    }
    if (c->n > 1) str_adds(&s, ".   ");
    size_t had = s.len;
    tell_state(t, c, &s);                   /* ": user u-1 asked for it" */
    if (s.len > had) memmove(s.data + had, s.data + had + 2, s.len - had - 1), s.len -= 2, str_adds(&s, ".   ");
    size_t more = s.len;
    if (c->state == WHY_CONTRADICTS) tell_contradiction(t, c->hop[c->n - 1], "It ", &s);
    tell_hidden(t, c->hop[c->n - 1 - c->guess], s.len > more ? ".   strata " : "strata ", &s);
    tell_api(t, c, s.len > more ? ".   " : "", &s);
    tell_dark(c, s.len > more ? ".   " : "", ".   ", &s);
    if (s.len > more) str_adds(&s, ".   ");
    if (c->more) str_addf(&s, "%zu more not well hang on it.   ", c->more);
    str_adds(&s, "Look at: ");
    tell_next(t, c, &s);
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

/* Where there is little room, a word for what was no break alone, and no blanks to spare. */
static bool narrow(const struct board *b) { return app_canvas(((const struct screen *)b)->app)->w < STATUS_CELLS; }

/* "planned  3m  A": whether it broke or was meant, for how long, how certain. */
static void status(struct board *b, const struct tell *t, const struct why_cause *c, const struct row *r)
{
    char age[40] = "-";
    enum why_state s = tell_state(t, c, NULL);
    int role = s == WHY_PLANNED || s == WHY_STOPPED ? ROLE_INFO : ROLE_TEXT;
    int64_t since = tell_since(t, c);
    if (since != CELL_NONE) text_age(age, sizeof age, (tell_now_ms(t, r) - since) / 1000);
    if (!narrow(b)) board_put(b, role, "%-11s", tell_cause_word(t, c));
    board_put(b, ROLE_DIM, narrow(b) ? "%5s %c " : "%5s  %c  ", age, link_class_letter((enum link_class)c->cls));
    if (narrow(b) && (s != WHY_BROKEN || c->shared.silent)) board_put(b, role, "%s ", tell_cause_word(t, c));
}

static void head(struct board *b)
{
    board_line(b);
    if (narrow(b)) board_put(b, ROLE_COLUMN, "%*s   FOR   CAUSE", NARROW_CELLS, "ROWS");
    else board_put(b, ROLE_COLUMN, "%*s  STATE        FOR     CAUSE", COUNT_CELLS, "ROWS");
}

static void write_cause(struct board *b, const struct graph *g, const struct tell *t, const struct why_cause *c)
{
    const struct row *r = links_row(g->links, c->hop[c->n - 1]);
    board_line(b);
    board_row(b, r);
    if (narrow(b)) board_put(b, ROLE_TITLE_COUNT, "%*zu ", NARROW_CELLS, c->explains);
    else board_put(b, ROLE_TITLE_COUNT, "%*zu  ", COUNT_CELLS, c->explains);
    status(b, t, c, r);
    board_name(b, r);
    board_put(b, ROLE_TEXT, "  ");
    if (app_canvas(((struct screen *)b)->app)->w >= 130) board_to(b, STATE_AT);
    board_old(b, t, c->hop[c->n - 1]);
    board_state(b, r);
    cause_foot(b, g, t, c);
}

static void write_causes(struct board *b, const struct graph *g, const struct tell *t, void *arg)
{
    const struct why_world *w = &g->why;
    struct tell_sum sum;
    struct str words;
    size_t *order = mem_alloc((w->n + 1) * sizeof *order), n = order ? tell_order(t, order) : 0;
    (void)arg;
    str_init(&words, 4096);
    tell_sum(t, &sum);
    if (w->red) tell_sum_words(&sum, &words);
    board_line(b);
    board_put(b, w->red ? ROLE_STRONG : ROLE_OK, "%s", words.data && w->red ? words.data : "nothing is red");
    str_release(&words);
    if (n) head(b);
    for (size_t i = 0; i < n && i < CAUSES_SHOWN; i++) write_cause(b, g, t, &w->cause[order[i]]);
    if (n > CAUSES_SHOWN) board_line(b), board_put(b, ROLE_DIM, "%*s  ... and %zu more", COUNT_CELLS, "", n - CAUSES_SHOWN);
    mem_free(order);
    board_unseen(b, ((struct screen *)b)->app);
}

void run_causes(struct app *a, struct screen *s, const char *args)
{
    static const struct board_kind kind = {"causes", write_causes, NULL};
    (void)s, (void)args;
    board_open(a, &kind, "", NULL);
}
