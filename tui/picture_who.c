/* Who turned a server off, who cordoned a node or scaled a workload: asked for one after the other when a view tells of it, kept, and all screens are told. */
#include <stdio.h>
#include <string.h>

#include "strata/set_by.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "tui/app_int.h"
#include "tui/picture.h"

enum { ACTIONS_MAX = 256 };             /* servers and nodes of which it is known */

/* By its uid and a time that changes with what is asked. */
static void key_of(char *key, size_t size, const struct row *r, const char *column)
{
    char when[40];
    int col = kind_column(r->kind, column);
    snprintf(key, size, "%.100s %lld%.30s", r->uid, col >= 0 && r->kind->columns[col].type == COL_TIME ? (long long)r->cell[col].n : 0,
             col >= 0 && r->kind->columns[col].type != COL_TIME ? row_text(r, col, 0, when, sizeof when) : "");
}

static bool known(struct picture *p, const char *key, char *buf, size_t size, bool *ask)
{
    const char *text = map_get(&p->actions, key);
    *ask = !text && !p->asked && p->actions.count < ACTIONS_MAX;
    if (*ask) snprintf(p->asked_key, sizeof p->asked_key, "%s", key);
    snprintf(buf, size, "%s", text ? text : "");
    return text && *text;
}

bool app_newest_action(struct app *a, const struct row *server, char *buf, size_t size)
{
    struct picture *p = &a->picture;
    char key[sizeof p->asked_key];
    bool ask;
    key_of(key, sizeof key, server, "updated");
    known(p, key, buf, size, &ask);
    if (ask) {
        p->asked_node = NULL;
        p->asked = core_fetch(a->core, server, FETCH_ACTIONS, FETCH_AS_SENT);
    }
    return map_get(&p->actions, key) != NULL;
}

bool app_set_by(struct app *a, const struct row *node, char *buf, size_t size)
{
    struct picture *p = &a->picture;
    char key[sizeof p->asked_key];
    bool ask;
    key_of(key, sizeof key, node, kind_column(node->kind, "cordoned") >= 0 ? "cordoned" : "ready");
    bool yes = known(p, key, buf, size, &ask);
    if (!ask) return yes;
    p->asked_node = node->kind;
    p->asked_source = node->source;
    snprintf(p->asked_uid, sizeof p->asked_uid, "%s", node->uid);
    p->asked = p->journal ? core_fetch(a->core, node, FETCH_JSON, FETCH_MANAGED) : core_audit(a->core);
    return false;
}

static void keep(struct picture *p, char *text)
{
    p->actions.free_value = mem_free;
    if (text && !map_put(&p->actions, p->asked_key, text)) mem_free(text);
}

/* The journal was of that moment: the next node is looked up in a newer one. */
static void take_node(struct app *a, const struct event *e)
{
    struct picture *p = &a->picture;
    const struct graph *g = app_graph(a);
    const struct source_info *s = app_source(a, p->asked_source);
    uint32_t node = g ? graph_find(g, p->asked_source, p->asked_node, p->asked_uid) : LINK_NO_NODE;
    struct str words;
    str_init(&words, 400);
    if (node != LINK_NO_NODE && s) set_by_words(links_row(g->links, node), s->name, e->err.code ? NULL : e->text, p->journal, p->journal_len, &words);
    keep(p, mem_strdup(words.data ? words.data : ""));
    str_release(&words);
    mem_free(p->journal);
    p->journal = NULL;
}

bool picture_answer(struct app *a, struct event *e)
{
    struct picture *p = &a->picture;
    if (!p->asked || e->id != p->asked) return false;
    p->asked = 0;
    if (!p->asked_node) {
        keep(p, mem_strdup(e->err.code || !e->text ? "" : e->text));
    } else if (p->journal) {
        take_node(a, e);
    } else {
        p->journal = e->err.code || !e->text ? mem_strdup("") : e->text;
        p->journal_len = e->err.code || !e->text ? 0 : e->len;
        if (p->journal == e->text) e->text = NULL;
    }
    return true;
}
