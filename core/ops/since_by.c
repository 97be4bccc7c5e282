/* Who wrote a field since: what somebody set and set back is as it was left, but Kubernetes keeps who wrote it last (managedFields). */
#include <stdio.h>
#include <string.h>

#include "core/ops/op.h"
#include "strata/mem.h"

#define DEEP 5

/* A field that an action sets: its name for people, its path in fieldsV1. */
struct field { char name[340], path[DEEP][320]; size_t deep; };

static void field_at(struct field *f, size_t n, const char *const *path)
{
    for (size_t i = 0; i < n; i++)
        snprintf(f->path[f->deep++], sizeof f->path[0], "f:%s", path[i]);
}

/* Of "replicas=3", of "tier=gold" in "set=tier=gold,env-", of "app=shop/web:2" in "image=...". */
static bool field_of(const char *action, const char *name, size_t len, const char *item, size_t item_len, struct field *f)
{
    static const char *const replicas[] = {"spec", "replicas"}, *const labels[] = {"metadata", "labels"}, *const notes[] = {"metadata", "annotations"},
                      *const containers[] = {"spec", "template", "spec", "containers"};
    bool label = !strcmp(action, "label"), note = !strcmp(action, "annotate");
    size_t key = 0;
    *f = (struct field){.deep = 0};
    while (key < item_len && item[key] != '=')
        key++;
    if (key == item_len && key && item[key - 1] == '-')
        key--;
    if (!key || key > 300)
        return false;
    if (len == 8 && !strncmp(name, "replicas", 8)) {
        field_at(f, 2, replicas);
        snprintf(f->name, sizeof f->name, "replicas");
    } else if (len == 3 && !strncmp(name, "set", 3) && (label || note)) {
        field_at(f, 2, label ? labels : notes);
        snprintf(f->path[f->deep++], sizeof f->path[0], "f:%.*s", (int)key, item);
        snprintf(f->name, sizeof f->name, "%s %.*s", label ? "label" : "annotation", (int)key, item);
    } else if (len == 5 && !strncmp(name, "image", 5)) {
        field_at(f, 4, containers);
        snprintf(f->path[f->deep - 1], sizeof f->path[0], "f:containers");
        snprintf(f->path[f->deep++], sizeof f->path[0], "k:{\"name\":\"%.*s\"}", (int)key, item);
        snprintf(f->name, sizeof f->name, "image of %.*s", (int)key, item);
    }
    return f->deep != 0;
}

static bool writes(const json_t *entry, const struct field *f)
{
    const json_t *at = json_object_get(entry, "fieldsV1");
    for (size_t i = 0; i < f->deep && at; i++)
        at = json_object_get(at, f->path[i]);
    return at && strcmp(act_str(entry, "subresource"), "status") != 0;
}

typedef bool each_field(void *arg, const struct field *f);       /* false: enough */

/* The fields that "name=value" lines of an action are about. */
static bool fields(const char *action, const char *lines, each_field *one, void *arg)
{
    for (const char *p = lines ? lines : ""; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        size_t len = strcspn(p, "=\n");
        bool list = len == 5 || (len == 3 && strcmp(action, "annotate") != 0);       /* the value of an annotation may have commas */
        if (p[len] != '=' || *p == '@')
            continue;
        for (const char *item = p + len + 1; *item && *item != '\n';) {
            struct field f;
            size_t n = strcspn(item, list ? ",\n" : "\n");
            if (field_of(action, p, len, item, n, &f) && !one(arg, &f))
                return false;
            item += n + (item[n] == ',');
        }
    }
    return true;
}

struct by { const json_t *obj; struct str *out; const char *then; };

static bool keep(void *arg, const struct field *f)
{
    struct by *b = arg;
    const json_t *all = act_get(b->obj, "metadata.managedFields");
    str_addf(b->out, "@%s=", f->name);
    for (size_t i = 0; i < json_array_size(all); i++)
        if (writes(json_array_get(all, i), f))
            str_addf(b->out, "%.100s|", act_str(json_array_get(all, i), "manager"));
    return str_addc(b->out, '\n');
}

void since_by_keep(const char *action, const char *lines, const json_t *obj, struct str *out)
{
    if (json_is_array(act_get(obj, "metadata.managedFields")))
        fields(action, lines, keep, &(struct by){.obj = obj, .out = out});
}

/* Was it among "a|b|"? */
static bool among(const char *list, const char *manager)
{
    char word[104];
    size_t n = (size_t)snprintf(word, sizeof word, "%.100s", manager);
    for (const char *p = list; *p && *p != '\n'; p += strcspn(p, "|\n"), p += *p == '|')
        if (strcspn(p, "|\n") == n && !strncmp(p, word, n))
            return true;
    return false;
}

static bool look(void *arg, const struct field *f)
{
    struct by *b = arg;
    const json_t *all = act_get(b->obj, "metadata.managedFields");
    size_t len = strlen(f->name);
    const char *then = b->then;
    while (*then && !(*then == '@' && !strncmp(then + 1, f->name, len) && then[1 + len] == '='))
        then += strcspn(then, "\n"), then += *then == '\n';
    for (size_t i = 0; *then && i < json_array_size(all); i++) {
        const json_t *m = json_array_get(all, i);
        if (!writes(m, f) || among(then + len + 2, act_str(m, "manager")))
            continue;
        str_addf(b->out, "%s is as this operation left it, but %.100s wrote it since (%.40s)", f->name, act_str(m, "manager"), act_str(m, "time"));
        return false;
    }
    return true;
}

bool since_by_others(const char *action, const char *lines, const char *left, const json_t *obj, struct str *words)
{
    return !fields(action, lines, look, &(struct by){.obj = obj, .out = words, .then = left ? left : ""});
}
