/* :stack: the services of each cloud, one a row: catalog, API, workloads with their versions, agents, quorum; red for the reason it says. */
#include <stdio.h>
#include <string.h>

#include "strata/stack.h"
#include "tui/app_int.h"
#include "tui/table.h"
#include "tui/view_layers.h"

/* Where a column begins; 0: there is no room for it, the foot has it. APIs have agents where what they need has a quorum. */
static const struct { const char *title, *needed; int narrow, middle, wide; } columns[] = {
    {"SERVICE", "SERVICE", 2, 2, 2}, {"API", "", 18, 22, 22}, {"READY", "READY", 28, 34, 34}, {"AGENTS", "QUORUM", 35, 43, 43},
    {"MAY GO", "MAY GO", 0, 58, 58}, {"VERSION", "VERSION", 0, 0, 66}, {"WHY", "WHY", 46, 66, 88},
};
enum { VERSION_CELLS = 21 };
enum { SERVICE, API, READY, AGENTS, BUDGET, VERSION, WHY, COLUMNS };

static bool to(struct board *b, int column)
{
    int w = app_canvas(((struct screen *)b)->app)->w;
    int at = w >= 136 ? columns[column].wide : w >= 110 ? columns[column].middle : columns[column].narrow;
    board_to(b, at);
    return at > 0;
}

static void health(struct board *b, uint8_t h)
{
    board_put(b, role_of_health((enum health)h), "%s ", glyph(app_canvas(((struct screen *)b)->app), table_glyph((enum health)h)));
}

static void heads(struct board *b, bool api)
{
    board_line(b);
    for (int i = 0; i < COLUMNS; i++)
        if (to(b, i)) board_put(b, ROLE_COLUMN, "%s ", api ? columns[i].title : columns[i].needed);
}

static void agents(struct board *b, const struct stack_service *s)
{
    size_t down = s->agents - s->up - s->ghosts;
    if (s->quorum) board_put(b, s->ready < s->quorum ? ROLE_BAD : ROLE_TEXT, "%zu of %zu ", s->quorum, s->members);
    if (s->hidden) board_put(b, ROLE_WARN, "? ");
    if (!s->agents || s->hidden) return;
    board_put(b, down > s->off ? ROLE_WARN : ROLE_TEXT, "%zu/%zu", s->up, s->agents - s->ghosts);
    if (s->off) board_put(b, ROLE_DIM, " %zu off", s->off);
    if (s->ghosts) board_put(b, ROLE_DIM, " %zu ghost", s->ghosts);
    board_put(b, ROLE_TEXT, " ");
}

static void foot(struct board *b, const struct graph *g, const struct stack_service *s)
{
    const struct row *r = links_row(g->links, s->worst);
    struct str f;
    str_init(&f, 2048);
    if (*s->why) str_addf(&f, "%s.   enter goes to %s %s. ", s->why, r->kind->singular, r->name);
    if (*s->project && strcmp(s->project, s->name) != 0) str_addf(&f, "Its workloads are those of %s. ", s->project);
    if (s->ghosts) str_addf(&f, "%zu record%s of what is no more: no outage. ", s->ghosts, s->ghosts == 1 ? "" : "s");
    if (*s->version) str_addf(&f, "Version %s. ", s->version);
    if (s->api && !s->workloads) str_adds(&f, "No cluster that is seen runs it. ");
    if (s->quorum) str_addf(&f, "%zu of %zu must live. ", s->quorum, s->members);
    if (s->budgets > 1) str_addf(&f, "The tightest of its %zu budgets, ", s->budgets);
    if (s->budgets) str_addf(&f, "%s%s lets %zu pod%s go now. ", s->budgets > 1 ? "" : "Its budget ", links_row(g->links, s->budget[0])->name, s->may_go, s->may_go == 1 ? "" : "s");
    board_foot(b, "%s", f.data ? f.data : "");
    str_release(&f);
}

static void service(struct board *b, const struct graph *g, const struct tell *t, const struct stack_service *s)
{
    const struct row *api = links_row(g->links, s->node);
    board_line(b);
    board_row(b, links_row(g->links, s->worst));
    health(b, s->health);
    board_put(b, s->health == HEALTH_BAD ? ROLE_BAD : s->health == HEALTH_WARN ? ROLE_WARN : ROLE_NAME, "%s ", s->name);
    to(b, API);
    if (s->api) {
        const char *version = row_column(api, "version");
        board_put(b, role_of_health((enum health)api->health), "%s ", *row_column(api, "state") ? row_column(api, "state") : "?");
        board_put(b, ROLE_DIM, "%.*s ", (int)strcspn(version, " "), version);
    }
    to(b, READY);
    if (s->workloads) board_put(b, s->ready < s->wanted ? ROLE_WARN : ROLE_TEXT, "%zu/%zu ", s->ready, s->wanted);
    to(b, AGENTS);
    agents(b, s);
    if (to(b, BUDGET) && s->budgets) board_put(b, s->may_go ? ROLE_TEXT : ROLE_WARN, "%zu ", s->may_go);
    if (to(b, VERSION) && *s->version) board_put(b, strchr(s->version, ',') ? ROLE_WARN : ROLE_DIM, "%s ", s->version), board_most(b, VERSION_CELLS);
    to(b, WHY);
    board_old(b, t, s->node);
    board_put(b, role_of_health((enum health)s->health), "%s", s->why);
    foot(b, g, s);
}

static void write_stack(struct board *b, const struct graph *g, const struct tell *t, void *arg)
{
    struct stack y;
    (void)arg;
    if (!stack_make(&y, g->links)) return;
    for (size_t i = 0; i < y.n; i++) {
        const struct stack_service *s = &y.service[i];
        if (!i || s->source != y.service[i - 1].source || s->api != y.service[i - 1].api) {
            const struct source_info *of = t->source(t->arg, s->source);
            if (i) board_line(b);
            board_line(b);
            board_put(b, ROLE_SECTION, "%s%s", s->api ? "cloud " : "what all of them need, on ", of ? of->name : "?");
            heads(b, s->api);
        }
        service(b, g, t, s);
    }
    if (!y.n) board_line(b), board_put(b, ROLE_DIM, "no cloud is seen");
    stack_free(&y);
    board_unseen(b, ((struct screen *)b)->app);
}

void run_stack(struct app *a, struct screen *s, const char *args)
{
    static const struct board_kind kind = {"stack", write_stack, NULL};
    (void)s, (void)args;
    board_open(a, &kind, "", NULL);
}
