/* `:blast ACTION`: what an action on the object would take with it, kept up to date while it is looked at. Without: what if it dies. */
#include <stdio.h>
#include <string.h>

#include "strata/blast.h"
#include "strata/mem.h"
#include "strata/tell.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/picture.h"
#include "tui/view_layers.h"
#include "tui/view_text.h"

struct radius { struct app *app; struct subject of; char action[40]; };

static bool on_event(void *arg, struct event *e)
{
    (void)arg;
    return e->type == EV_GRAPH;
}

static bool write_text(void *arg, struct str *out)
{
    struct radius *y = arg;
    struct tell t;
    struct blast x;
    uint32_t node = subject_node(y->app, &y->of, &t, out);
    if (node != LINK_NO_NODE && tell_blast(&t, y->action, node, &x, out))
        blast_free(&x);
    if (app_graph_whole(y->app))
        layers_unseen(y->app, NULL, out);
    return !out->failed;
}

static void run_blast(struct app *a, struct screen *s, const char *args)
{
    static const struct text_live live = {on_event, write_text, mem_free};
    struct subject u;
    char name[120];
    const char *action = args && *args ? args : "lose";
    if (!subject_of(a, s, &u))
        return;
    if (!blast_known(action, u.kind)) {
        app_error(a, "blast: it is not known what %.40s does to a %s", action, u.kind->singular);
        return;
    }
    struct radius *y = mem_zalloc(sizeof *y);
    if (!y) {
        app_error(a, "out of memory");
        return;
    }
    y->app = a;
    y->of = u;
    snprintf(y->action, sizeof y->action, "%.39s", action);
    snprintf(name, sizeof name, "blast radius of %s %.50s", y->action, u.name);
    if (!view_text_live(a, name, &live, y))
        mem_free(y);
}

#define BLAST "What an action on the object would take with it, through all layers; without an action: what if it dies."
const struct command blast_commands[] = {
    {"blast", NULL, "table", "[ACTION]", BLAST, CMD_ROW, COMPLETE_NONE, run_blast, NULL},
    {"blast", NULL, "board", "[ACTION]", BLAST, CMD_HIDDEN, COMPLETE_NONE, run_blast, NULL},
    {0},
};

const struct key_row blast_keys[] = {
    {"table", "shift-b", "blast", NULL, NULL},
    {0},
};
