/* The revisions of a workload as text: the list, one template, and what changed between two of them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ops/kube_work.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/yaml_emit.h"

#define MAX_LINES 4000             /* of a template; beyond it is no diff that is read */

bool kube_has_replica_sets(const json_t *obj) { return !strcmp(act_str(obj, "kind"), "Deployment"); }

int64_t kube_revision_of(const json_t *obj, const json_t *one)
{
    long long n = 0;
    if (!kube_has_replica_sets(obj))
        return act_num(one, "revision", 0);
    return sscanf(kube_map_str(one, "metadata.annotations", KUBE_REVISION), "%lld", &n) == 1 ? n : 0;
}

bool kube_revision_owned(const json_t *obj, const json_t *one)
{
    return !strcmp(act_str(kube_controller(one), "uid"), act_str(obj, "metadata.uid"));
}

const json_t *kube_revision_template(const json_t *obj, const json_t *one)
{
    return act_get(one, kube_has_replica_sets(obj) ? "spec.template" : "data.spec.template");
}

json_t *kube_plain_template(const json_t *t)
{
    json_t *copy = json_deep_copy(t), *meta = json_object_get(copy, "metadata"), *labels = json_object_get(meta, "labels");
    json_object_del(labels, "pod-template-hash");
    json_object_del(copy, "$patch");
    if (json_is_null(json_object_get(meta, "creationTimestamp")))
        json_object_del(meta, "creationTimestamp");
    return copy;
}

bool kube_same_template(const json_t *a, const json_t *b)
{
    json_t *x = kube_plain_template(a), *y = kube_plain_template(b);
    bool same = json_equal(x, y);
    json_decref(x);
    json_decref(y);
    return same;
}

int64_t kube_revision_with(const json_t *obj, const json_t *list)
{
    int64_t newest = 0;
    const json_t *one;
    size_t i;
    json_array_foreach(json_object_get(list, "items"), i, one)
        if (kube_revision_owned(obj, one) && kube_revision_of(obj, one) > newest && kube_same_template(act_get(obj, "spec.template"), kube_revision_template(obj, one)))
            newest = kube_revision_of(obj, one);
    return newest;
}

const json_t *kube_find_revision(const json_t *obj, const json_t *list, int64_t wanted, size_t *n)
{
    const json_t *items = json_object_get(list, "items"), *newest = NULL, *second = NULL, *found = NULL;
    *n = 0;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *one = json_array_get(items, i);
        int64_t r = kube_revision_of(obj, one);
        if (!kube_revision_owned(obj, one))
            continue;
        ++*n;
        if (wanted && r == wanted)
            found = one;
        if (!newest || r > kube_revision_of(obj, newest)) {
            second = newest;
            newest = one;
        } else if (!second || r > kube_revision_of(obj, second)) {
            second = one;
        }
    }
    return wanted == KUBE_NEWEST ? newest : wanted ? found : second;
}

/* ---- the list ---- */

#define CAUSE "CHANGE-CAUSE"

struct entry { int64_t revision; const json_t *one; };

static int by_revision(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return x->revision < y->revision ? -1 : x->revision > y->revision;
}

static void add_clean(struct str *out, const char *text)
{
    text_clean(out, text, strlen(text), 0);
}

static void add_entry(struct str *out, const json_t *obj, const struct entry *e, int64_t now_ms)
{
    const json_t *containers = act_get(kube_revision_template(obj, e->one), "spec.containers");
    const char *made = act_str(e->one, "metadata.creationTimestamp"), *cause = kube_map_str(e->one, "metadata.annotations", "kubernetes.io/change-cause");
    int64_t at;
    char age[32] = "";
    if (text_parse_time(made, strlen(made), &at))
        text_age(age, sizeof age, (now_ms - at) / 1000);
    str_addf(out, "%-10" PRId64 "%-8s", e->revision, age);
    size_t start = out->len;
    if (*cause)
        add_clean(out, cause);
    else
        str_adds(out, "<none>");
    do
        str_addc(out, ' ');
    while (!out->failed && out->len < start + sizeof CAUSE + 1);
    for (size_t i = 0; i < json_array_size(containers); i++) {
        str_adds(out, i ? "," : "");
        add_clean(out, act_str(json_array_get(containers, i), "image"));
    }
    str_addc(out, '\n');
}

bool kube_history(struct str *out, const json_t *obj, const json_t *list, int64_t now_ms)
{
    const json_t *items = json_object_get(list, "items");
    size_t n = 0;
    struct entry *all = mem_zalloc((json_array_size(items) + 1) * sizeof *all);
    if (!all)
        return false;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *one = json_array_get(items, i);
        if (kube_revision_owned(obj, one) && kube_revision_of(obj, one) > 0)
            all[n++] = (struct entry){kube_revision_of(obj, one), one};
    }
    qsort(all, n, sizeof *all, by_revision);
    str_addf(out, "%-10s%-8s%s\n", "REVISION", "AGE", CAUSE "  IMAGES");
    for (size_t i = 0; i < n; i++)
        add_entry(out, obj, &all[i], now_ms);
    mem_free(all);
    return !out->failed;
}

/* ---- what changed ---- */

struct lines { char *text; const char **at; size_t n; };

static bool lines_of(struct lines *l, const json_t *template)
{
    struct str yaml;
    json_t *plain = kube_plain_template(template);
    str_init(&yaml, (size_t)4 << 20);
    bool ok = plain && yaml_emit(&yaml, plain);
    json_decref(plain);
    *l = (struct lines){.text = ok ? str_take(&yaml) : NULL};
    str_release(&yaml);
    l->at = l->text ? mem_zalloc(MAX_LINES * sizeof *l->at) : NULL;
    for (char *p = l->text; l->at && p && *p && l->n < MAX_LINES;) {
        char *nl = strchr(p, '\n');
        l->at[l->n++] = p;
        if (nl)
            *nl = 0;
        p = nl ? nl + 1 : NULL;
    }
    return l->at != NULL;
}

static void lines_release(struct lines *l)
{
    mem_free(l->at);
    mem_free(l->text);
}

/* The longest common lines; then all of both, what is only in one marked. */
static bool add_diff(struct str *out, const struct lines *a, const struct lines *b)
{
    size_t w = b->n + 1;
    uint16_t *len = mem_zalloc((a->n + 1) * w * sizeof *len);
    if (!len)
        return false;
    for (size_t i = a->n; i-- > 0;)
        for (size_t j = b->n; j-- > 0;) {
            uint16_t down = len[(i + 1) * w + j], right = len[i * w + j + 1];
            len[i * w + j] = !strcmp(a->at[i], b->at[j]) ? (uint16_t)(len[(i + 1) * w + j + 1] + 1) : down > right ? down : right;
        }
    for (size_t i = 0, j = 0; i < a->n || j < b->n;) {
        if (i < a->n && j < b->n && !strcmp(a->at[i], b->at[j])) {
            str_addf(out, "  %s\n", a->at[i]);
            i++, j++;
        } else if (i < a->n && (j == b->n || len[(i + 1) * w + j] >= len[i * w + j + 1])) {
            str_addf(out, "- %s\n", a->at[i++]);
        } else {
            str_addf(out, "+ %s\n", b->at[j++]);
        }
    }
    mem_free(len);
    return true;
}

bool kube_history_diff(struct str *out, const json_t *obj, const json_t *list, int64_t from, struct err *err)
{
    size_t n;
    const json_t *old = kube_find_revision(obj, list, from, &n), *now = kube_find_revision(obj, list, KUBE_NEWEST, &n);
    struct lines a = {0}, b = {0};
    if (!old || !now) {
        err_set(err, ERR_NOTFOUND, 0, from ? "revision %" PRId64 " is not in its history" : "there is no revision before the newest", from);
        return false;
    }
    bool ok = lines_of(&a, kube_revision_template(obj, old)) && lines_of(&b, kube_revision_template(obj, now));
    str_addf(out, "- revision %" PRId64 "\n+ revision %" PRId64 "\n", kube_revision_of(obj, old), kube_revision_of(obj, now));
    ok = ok && add_diff(out, &a, &b) && !out->failed;
    lines_release(&a);
    lines_release(&b);
    if (!ok)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    return ok;
}

bool kube_history_one(struct str *out, const json_t *obj, const json_t *list, int64_t revision, struct err *err)
{
    size_t n;
    const json_t *one = kube_find_revision(obj, list, revision, &n);
    json_t *plain = one ? kube_plain_template(kube_revision_template(obj, one)) : NULL;
    bool ok = plain && yaml_emit(out, plain);
    json_decref(plain);
    if (!one)
        err_set(err, ERR_NOTFOUND, 0, "revision %" PRId64 " is not in its history", revision);
    else if (!ok)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    return ok;
}
