/* What Placement says, read: a host's stock, and where a server would fit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "strata/capacity.h"
#include "strata/mem.h"
#include "strata/text.h"

#define MOST ((int64_t)1 << 40)

static int64_t whole(const json_t *o, const char *key)
{
    int64_t n = json_integer_value(json_object_get(o, key));
    return n < 0 ? 0 : n > MOST ? MOST : n;
}

static int64_t permille(const json_t *o)
{
    double r = json_number_value(json_object_get(o, "allocation_ratio"));
    return r > 0 && r < 1e6 ? (int64_t)llround(r * 1000) : 1000;
}

bool capacity_read_stock(struct capacity_stock *s, const char *text)
{
    json_t *doc = json_read(text, strlen(text), 0, NULL), *inv = json_object_get(doc, "inventories"), *use = json_object_get(doc, "usages");
    json_t *cpu = json_object_get(inv, "VCPU"), *mem = json_object_get(inv, "MEMORY_MB");
    bool ok = cpu && mem && json_is_object(use);
    if (ok) {
        s->cpu.total = whole(cpu, "total"), s->cpu.reserved = whole(cpu, "reserved"), s->cpu.ratio_permille = permille(cpu), s->cpu.used = whole(use, "VCPU");
        s->mem.total = whole(mem, "total"), s->mem.reserved = whole(mem, "reserved"), s->mem.ratio_permille = permille(mem), s->mem.used = whole(use, "MEMORY_MB");
    }
    json_decref(doc);
    return ok;
}

/* ---- where it fits ---- */

void capacity_fit_release(struct capacity_fit *f)
{
    for (size_t i = 0; i < f->n; i++)
        mem_free(f->host[i].uid);
    mem_free(f->host);
    for (size_t i = 0; i < f->nzones; i++)
        mem_free(f->zone[i].name);
    mem_free(f->zone);
    str_release(&f->asked);
    str_release(&f->within);
    memset(f, 0, sizeof *f);
}

static bool keep(struct capacity_fit *f, const char *uid, int64_t fits)
{
    for (size_t i = 0; i < f->n; i++)
        if (!strcmp(f->host[i].uid, uid)) {
            f->host[i].fits = fits > f->host[i].fits ? fits : f->host[i].fits;
            return true;
        }
    struct str s;
    str_init(&s, 1024);
    text_clean(&s, uid, strnlen(uid, 200), 0);
    char *own = str_take(&s);
    if (!own || !mem_grow(&f->host, &f->cap, f->n + 1, sizeof *f->host)) {
        mem_free(own);
        return false;
    }
    f->host[f->n++] = (struct capacity_host){own, fits, -1};
    return true;
}

/* So many times over, by what each of its providers has left. A way that nests belongs to its root. */
static bool way(struct capacity_fit *f, const json_t *request, const json_t *summaries)
{
    const char *provider, *class, *root = NULL;
    json_t *part, *amount;
    int64_t fits = MOST;
    json_object_foreach(json_object_get(request, "allocations"), provider, part) {
        json_t *sum = json_object_get(summaries, provider);
        const char *top = json_string_value(json_object_get(sum, "root_provider_uuid"));
        root = top ? top : provider;
        json_object_foreach(json_object_get(part, "resources"), class, amount) {
            json_t *has = json_object_get(json_object_get(sum, "resources"), class);
            int64_t n = json_integer_value(amount), left = whole(has, "capacity") - whole(has, "used");
            if (n > 0 && left / n < fits)
                fits = left < 0 ? 0 : left / n;
        }
    }
    return !root || fits == MOST || keep(f, root, fits);
}

static int most_first(const void *a, const void *b)
{
    const struct capacity_host *x = a, *y = b;
    return x->fits != y->fits ? (x->fits < y->fits ? 1 : -1) : strcmp(x->uid, y->uid);
}

bool capacity_read_fit(struct capacity_fit *f, const char *text)
{
    json_t *doc = json_read(text, strlen(text), 0, NULL), *list = json_object_get(doc, "allocation_requests"), *sums = json_object_get(doc, "provider_summaries"), *v;
    const char *class;
    size_t i;
    memset(f, 0, sizeof *f);
    str_init(&f->asked, 4096);
    str_init(&f->within, 1 << 22);
    bool ok = json_is_array(list) && json_is_object(sums);
    for (i = 0; ok && i < json_array_size(list); i++)
        ok = way(f, json_array_get(list, i), sums);
    json_object_foreach(json_object_get(doc, "asked"), class, v) {
        str_addf(&f->asked, "%s%lld ", f->asked.len ? ", " : "", (long long)json_integer_value(v));
        text_clean(&f->asked, class, strnlen(class, 200), 0);
    }
    f->bound = json_is_object(json_object_get(doc, "within"));
    json_object_foreach(json_object_get(doc, "within"), class, v) {
        text_clean(&f->within, class, strnlen(class, 300), 0);
        str_addc(&f->within, '\n');
    }
    f->more = json_array_size(list) >= (size_t)whole(doc, "limit") && whole(doc, "limit");
    json_decref(doc);
    for (i = 0; i < f->n; i++)
        f->fits += f->host[i].fits;
    if (f->n)
        qsort(f->host, f->n, sizeof *f->host, most_first);
    return ok && !f->asked.failed && !f->within.failed;
}

static bool within(const struct capacity_fit *f, const char *host)
{
    size_t n = strlen(host);
    for (const char *at = f->within.data; n && at && *at; at += strcspn(at, "\n") + 1)
        if (strcspn(at, "\n") == n && !strncmp(at, host, n))
            return true;
    return false;
}

size_t capacity_fit_bind(struct capacity_fit *f, const struct row *(*host)(void *arg, const char *uid), void *arg)
{
    size_t n = 0, unknown = 0;
    if (!f->bound)
        return 0;
    f->fits = 0;
    for (size_t i = 0; i < f->n; i++) {
        const struct row *r = host(arg, f->host[i].uid);
        unknown += !r;
        if (!r || !within(f, row_column(r, "host"))) {
            mem_free(f->host[i].uid);
            continue;
        }
        f->fits += f->host[i].fits;
        f->host[n++] = f->host[i];
    }
    f->n = n;
    return unknown;
}
