/* Who cordoned a node, who scaled a workload: an operation of strata's own journal, else who wrote the field, by what the API server keeps of that. */
#include "strata/set_by.h"

#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/links/links_priv.h"
#include "core/links/timeline_read.h"
#include "strata/text.h"

/* The taint is set right after the cordon; one set so much later is of another cordon. Two clocks, and a controller that was away. */
#define SAME_MS (2 * 60000)

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static bool is(const json_t *o, const char *key, const char *value) { return !strcmp(text_of(o, key), value); }

/* What is asked of a row, by its kind: the actions of the journal that set it and take that back, and the field of the spec. */
static const struct asked { const char *kind, *set, *unset, *field; } asked[] = {
    {"nodes", "cordon", "uncordon", "f:unschedulable"},
    {"deployments", "scale", "", "f:replicas"}, {"statefulsets", "scale", "", "f:replicas"}, {"replicasets", "scale", "", "f:replicas"},
};

static const struct asked *asked_of(const struct row *r)
{
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        if (!strcmp(asked[i].kind, r->kind->id))
            return &asked[i];
    return NULL;
}

/* Of a workload: did that operation leave it with as many as it shall have now? */
static bool as_left(const struct row *r, const json_t *line)
{
    int64_t ready, wanted;
    if (!strcmp(r->kind->id, "nodes"))
        return true;
    link_replicas(r, &ready, &wanted);
    return json_integer_value(json_object_get(json_object_get(json_object_get(line, "after"), "spec"), "replicas")) == wanted;
}

struct found { const struct row *node; const struct asked *asked; const char *source; char key[80], action[40], who[120], when[40]; int64_t ms; bool open; };

static void sets(void *arg, const char *line, size_t n)
{
    struct found *f = arg;
    json_t *j = strstr(line, f->node->uid) || strstr(line, f->node->name) ? json_read(line, n, 0, NULL) : NULL;
    bool it = is(j, "event", "outcome") && is(j, "result", "done") && is(j, "kind", f->asked->kind) && is(j, "source", f->source) &&
              (*text_of(j, "uid") ? is(j, "uid", f->node->uid) : is(j, "name", f->node->name)) && !json_is_true(json_object_get(j, "dry_run"));
    const char *when = text_of(j, "time");
    if (it && *f->asked->unset && is(j, "action", f->asked->unset))
        f->key[0] = '\0';
    if (it && is(j, "action", f->asked->set) && !as_left(f->node, j))
        f->key[0] = '\0';
    else if (it && is(j, "action", f->asked->set) && text_parse_time(when, strlen(when), &f->ms)) {
        snprintf(f->key, sizeof f->key, "%.79s", text_of(j, "key"));
        snprintf(f->who, sizeof f->who, "%.50s@%.60s", text_of(j, "who"), text_of(j, "host"));
        snprintf(f->when, sizeof f->when, "%.39s", when);
    }
    json_decref(j);
}

/* What the cordon was a step of, and whether that has ended. */
static void operation(void *arg, const char *line, size_t n)
{
    struct found *f = arg;
    json_t *j = strstr(line, f->key) ? json_read(line, n, 0, NULL) : NULL;
    if (is(j, "key", f->key) && is(j, "event", "op")) {
        snprintf(f->action, sizeof f->action, "%.39s", text_of(j, "action"));
        f->open = true;
    } else if (is(j, "key", f->key) && is(j, "event", "op-end")) {
        f->open = false;
    }
    json_decref(j);
}

static bool own(struct found *f, const char *journal, size_t len, struct str *out)
{
    int col = kind_column(f->node->kind, "cordoned");
    int64_t taint = col >= 0 ? f->node->cell[col].n : CELL_NONE;
    timeline_journal_each(journal, len, sets, f);
    if (!f->key[0] || (taint != CELL_NONE && taint > f->ms + SAME_MS))
        return false;
    timeline_journal_each(journal, len, operation, f);
    char line[400];
    snprintf(line, sizeof line, "by %s %s of %s with strata at %s%s", *f->action ? f->action : f->asked->set, f->key, f->who, f->when, f->open ? ", which has not ended" : "");
    text_clean(out, line, strlen(line), 0);
    return true;
}

/* The last one who wrote it; of a workload the API server keeps that for its scale, too. ours: and it was strata. */
static void written(const char *node, const char *field, struct str *out, bool *ours)
{
    json_t *doc = json_read(node, strlen(node), 0, NULL), *e;
    const char *manager = "", *when = "";
    const json_t *all = json_object_get(json_object_get(doc, "metadata"), "managedFields");
    size_t i;
    json_array_foreach(all, i, e)
        if (json_object_get(json_object_get(json_object_get(e, "fieldsV1"), "f:spec"), field) && strcmp(text_of(e, "time"), when) >= 0)
            manager = text_of(e, "manager"), when = text_of(e, "time");
    *ours = !*manager || !strncmp(manager, "strata", 6);
    if (*manager) {
        bool person = !strncmp(manager, "kubectl", 7) || !strncmp(manager, "strata", 6);
        str_adds(out, person ? "by somebody with " : "by the program ");
        text_clean(out, manager, strnlen(manager, 80), 0);
        str_adds(out, *when ? " at " : "");     /* a scale is kept without one */
        text_clean(out, when, strnlen(when, 40), 0);
    }
    else if (json_array_size(all) && !strcmp(field, "f:replicas"))
        str_adds(out, "through its scale, by whom the API server does not keep");   /* of a scale to 0; who writes it in any other way is kept */
    json_decref(doc);
}

/* A node tells when it was cordoned. Of a workload whoever wrote the number last is who scaled it, whatever strata did before. */
void set_by_words(const struct row *row, const char *source, const char *object, const char *journal, size_t len, struct str *out)
{
    struct found f = {.node = row, .source = source, .asked = asked_of(row)};
    struct str by;
    bool ours = true;
    if (!f.asked)
        return;
    str_init(&by, 400);
    if (object)
        written(object, f.asked->field, &by, &ours);
    bool node = !strcmp(row->kind->id, "nodes");
    if (!journal || (!node && by.len && !ours) || !own(&f, journal, len, out))
        str_add(out, by.data ? by.data : "", by.len);
    str_release(&by);
}
