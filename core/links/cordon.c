/* Who cordoned a node: an operation of strata's own journal, else who wrote the field, by what the API server keeps of that. */
#include "strata/cordon.h"

#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
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

struct found { const struct row *node; const char *source; char key[80], action[40], who[120], when[40]; int64_t ms; bool open; };

static void cordons(void *arg, const char *line, size_t n)
{
    struct found *f = arg;
    json_t *j = strstr(line, f->node->uid) || strstr(line, f->node->name) ? json_read(line, n, 0, NULL) : NULL;
    bool it = is(j, "event", "outcome") && is(j, "result", "done") && is(j, "kind", "nodes") && is(j, "source", f->source) &&
              (*text_of(j, "uid") ? is(j, "uid", f->node->uid) : is(j, "name", f->node->name)) && !json_is_true(json_object_get(j, "dry_run"));
    const char *when = text_of(j, "time");
    if (it && is(j, "action", "uncordon"))
        f->key[0] = '\0';
    if (it && is(j, "action", "cordon") && text_parse_time(when, strlen(when), &f->ms)) {
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
    timeline_journal_each(journal, len, cordons, f);
    if (!f->key[0] || (taint != CELL_NONE && taint > f->ms + SAME_MS))
        return false;
    timeline_journal_each(journal, len, operation, f);
    char line[400];
    snprintf(line, sizeof line, "by %s %s of %s with strata at %s%s", *f->action ? f->action : "cordon", f->key, f->who, f->when, f->open ? ", which has not ended" : "");
    text_clean(out, line, strlen(line), 0);
    return true;
}

/* The last one who wrote it. */
static void written(const char *node, struct str *out)
{
    json_t *doc = json_read(node, strlen(node), 0, NULL), *e;
    const char *manager = "", *when = "";
    size_t i;
    json_array_foreach(json_object_get(json_object_get(doc, "metadata"), "managedFields"), i, e)
        if (json_object_get(json_object_get(json_object_get(e, "fieldsV1"), "f:spec"), "f:unschedulable") && strcmp(text_of(e, "time"), when) >= 0)
            manager = text_of(e, "manager"), when = text_of(e, "time");
    if (*manager) {
        bool person = !strncmp(manager, "kubectl", 7) || !strncmp(manager, "strata", 6);
        str_adds(out, person ? "by somebody with " : "by the program ");
        text_clean(out, manager, strnlen(manager, 80), 0);
        str_adds(out, " at ");
        text_clean(out, when, strnlen(when, 40), 0);
    }
    json_decref(doc);
}

void cordon_words(const struct row *node, const char *source, const char *object, const char *journal, size_t len, struct str *out)
{
    struct found f = {.node = node, .source = source};
    if ((!journal || !own(&f, journal, len, out)) && object)
        written(object, out);
}
