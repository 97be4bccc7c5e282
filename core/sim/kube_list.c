/* Lists in pages, selectors, watches. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/sim.h"
#include "strata/clock.h"

/* ---- selectors ---- */
static void trim(char *s)
{
    size_t n = strlen(s), a = strspn(s, " ");
    while (n > a && s[n - 1] == ' ')
        n--;
    memmove(s, s + a, n - a);
    s[n - a] = 0;
}

static bool in_set(const char *set, const char *value)
{
    size_t want = strlen(value);
    while (*set) {
        size_t n = strcspn(set, ",");
        const char *a = set;
        size_t m = n;
        while (m && *a == ' ')
            a++, m--;
        while (m && a[m - 1] == ' ')
            m--;
        if (m == want && memcmp(a, value, m) == 0)
            return true;
        set += n + (set[n] == ',');
    }
    return false;
}

static bool key_ok(const char *k)
{
    for (const char *p = k; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("-_./", *p))
            return false;
    return *k != 0;
}

/* One requirement: k, !k, k=v, k==v, k!=v, k in (a,b), k notin (a,b). -1 = not understood. */
static int requirement(char *q, const json_t *labels)
{
    char *p;
    trim(q);
    if ((p = strstr(q, " in (")) || (p = strstr(q, " notin ("))) {
        bool in = p[1] == 'i';
        char *set = strchr(p, '(') + 1, *end = strchr(set, ')');
        *p = 0;
        trim(q);
        if (!end || !key_ok(q))
            return -1;
        *end = 0;
        const char *v = json_string_value(json_object_get(labels, q));
        return in ? v && in_set(set, v) : !v || !in_set(set, v);
    }
    if (*q == '!')
        return key_ok(q + 1) ? json_object_get(labels, q + 1) == NULL : -1;
    if (!(p = strchr(q, '=')))
        return key_ok(q) ? json_object_get(labels, q) != NULL : -1;
    bool not = p > q && p[-1] == '!';
    char *value = p + 1 + (p[1] == '=');
    *(not ? p - 1 : p) = 0;
    trim(q);
    trim(value);
    if (!key_ok(q))
        return -1;
    const char *v = json_string_value(json_object_get(labels, q));
    return not ? !v || strcmp(v, value) != 0 : v && strcmp(v, value) == 0;
}

bool kube_match_labels(const char *selector, const json_t *labels, char *fault, size_t size)
{
    char part[512];
    bool all = true;
    for (const char *p = selector; *p;) {
        size_t n = 0;
        int depth = 0;
        while (p[n] && (p[n] != ',' || depth)) {
            depth += (p[n] == '(') - (p[n] == ')');
            n++;
        }
        snprintf(part, sizeof(part), "%.*s", (int)n, p);
        int ok = requirement(part, labels);
        if (ok < 0) {
            snprintf(fault, size, "unable to parse requirement: found '%c', expected: identifier", *p);
            return false;
        }
        all = all && ok;
        p += n + (p[n] == ',');
    }
    return all;
}

bool kube_match_fields(const char *selector, const struct obj *o, char *fault, size_t size)
{
    static const char *const deep[] = {"status.phase", "spec.restartPolicy", "spec.schedulerName", "involvedObject.uid", "involvedObject.name",
                                       "involvedObject.namespace", "involvedObject.kind", "reason", "type", "reportingComponent", "source"};
    bool all = true;
    while (*selector) {
        size_t n = strcspn(selector, ",");
        char part[512], *eq;
        snprintf(part, sizeof(part), "%.*s", (int)n, selector);
        selector += n + (selector[n] == ',');
        if (!(eq = strchr(part, '='))) {
            snprintf(fault, size, "invalid selector: '%.100s'; can't understand '%.100s'", part, part);
            return false;
        }
        bool not = eq > part && eq[-1] == '!';
        const char *value = eq + 1 + (eq[1] == '=');
        *(not ? eq - 1 : eq) = 0;
        bool same = false, known = true;
        if (strcmp(part, "metadata.name") == 0)
            same = strcmp(o->name, value) == 0;
        else if (strcmp(part, "metadata.namespace") == 0)
            same = strcmp(o->ns, value) == 0;
        else if (strcmp(part, "spec.nodeName") == 0)
            same = strcmp(o->node, value) == 0;
        else
            known = false;
        for (size_t i = 0; !known && i < sizeof(deep) / sizeof(deep[0]); i++) {
            if (strcmp(part, deep[i]) == 0) {
                json_t *doc = obj_doc(o);
                same = strcmp(jstr(doc, part), value) == 0;
                json_decref(doc);
                known = true;
            }
        }
        if (!known) {
            snprintf(fault, size, "field label not supported: %s", part);
            return false;
        }
        all = all && (not ? !same : same);
    }
    return all;
}

struct select { const char *ns, *labels, *fields, *name; };

static bool chosen(const struct select *q, const struct obj *o, char *fault, size_t size)
{
    if (*q->ns && strcmp(q->ns, o->ns) != 0)
        return false;
    if (q->name && strcmp(q->name, o->name) != 0)
        return false;
    if (q->labels && *q->labels && !kube_match_labels(q->labels, o->labels, fault, size))
        return false;
    return !q->fields || !*q->fields || kube_match_fields(q->fields, o, fault, size);
}

/* ---- list ---- */
/* The continue token: "v1 RV NS NAME" in hex, so that nobody takes it for something to read. */
static void token_write(struct str *out, uint64_t rv, const struct obj *last)
{
    char *plain = sim_printf("v1 %llu %s %s", (unsigned long long)rv, *last->ns ? last->ns : "-", last->name);
    for (const char *p = plain; *p; p++)
        str_addf(out, "%02x", (unsigned char)*p);
    free(plain);
}

static bool token_read(const char *hex, uint64_t *rv, char *ns, char *name)
{
    char plain[700];
    size_t n = 0;
    unsigned c;
    unsigned long long v;
    while (n < sizeof(plain) - 1 && sscanf(hex + 2 * n, "%2x", &c) == 1)
        plain[n++] = (char)c;
    plain[n] = 0;
    if (sscanf(plain, "v1 %llu %255s %255s", &v, ns, name) != 3)
        return false;
    *rv = v;
    if (strcmp(ns, "-") == 0)
        *ns = 0;
    return true;
}

static size_t list_items(struct req *r, struct res *res, const struct select *q, size_t at, size_t limit, struct str *out, char *fault, size_t size)
{
    bool table = kube_wants_table(r);
    size_t taken = 0;
    for (; at < res->n && (!limit || taken < limit) && !*fault; at++) {
        struct obj *o = res->items[at];
        if (!chosen(q, o, fault, size))
            continue;
        if (taken++)
            str_addc(out, ',');
        if (table) {
            char *row = jdump(kube_table_row(r->sim, o, true));
            str_adds(out, row);
            free(row);
        } else {
            str_add(out, o->text, o->len);
        }
    }
    return at;
}

static size_t remaining(struct res *res, const struct select *q, size_t at)
{
    char fault[8] = "";
    size_t n = 0;
    for (; at < res->n; at++)
        n += chosen(q, res->items[at], fault, sizeof(fault));
    return n;
}

void kube_list(struct req *r, struct res *res, const char *ns)
{
    const char *cont = req_query(r, "continue"), *lim = req_query(r, "limit"), *rvq = req_query(r, "resourceVersion");
    const char *match = req_query(r, "resourceVersionMatch");
    struct select q = {ns, req_query(r, "labelSelector"), req_query(r, "fieldSelector"), NULL};
    size_t limit = lim ? strtoul(lim, NULL, 10) : 0, at = store_from(res, ns, "", false);
    uint64_t rv = r->sim->rv;
    char cns[256] = "", cname[256] = "", fault[600] = "";
    if (cont && *cont) {
        if (!token_read(cont, &rv, cns, cname)) {
            kube_status(r, 400, "BadRequest", NULL, "invalid continue token: continue key is not valid: unexpected end of JSON input");
            return;
        }
        if (rv < r->sim->compacted) {
            kube_status(r, 410, "Expired", NULL, "The provided continue parameter is too old to display a consistent list result. You can "
                        "start a new list without the continue parameter.");
            return;
        }
        at = store_from(res, cns, cname, true);
    } else if (rvq && match && strcmp(match, "Exact") == 0 && strtoull(rvq, NULL, 10) < r->sim->compacted) {
        kube_status(r, 410, "Expired", NULL, "The resourceVersion for the provided list is too old.");
        return;
    }
    struct str items, out;
    str_init(&items, (size_t)4 << 30);
    str_init(&out, (size_t)4 << 30);
    at = list_items(r, res, &q, at, limit, &items, fault, sizeof(fault));
    if (*fault) {
        kube_status(r, 400, "BadRequest", NULL, "%s", fault);
    } else {
        size_t rest = limit && at < res->n ? remaining(res, &q, at) : 0;
        char *apiv = *res->group ? sim_printf("%s/%s", res->group, res->version) : sim_strdup(res->version);
        bool table = kube_wants_table(r);
        if (table)
            str_adds(&out, "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\"");
        else
            str_addf(&out, "{\"kind\":\"%sList\",\"apiVersion\":\"%s\"", res->kind, apiv);
        str_addf(&out, ",\"metadata\":{\"resourceVersion\":\"%llu\"", (unsigned long long)rv);
        if (rest) {
            str_adds(&out, ",\"continue\":\"");
            token_write(&out, rv, res->items[at - 1]);
            str_addc(&out, '"');
            if (!q.labels && !q.fields)
                str_addf(&out, ",\"remainingItemCount\":%zu", rest);
        }
        str_adds(&out, "},");
        if (table) {
            char *cols = jdump(kube_table_columns(res));
            str_addf(&out, "\"columnDefinitions\":%s,\"rows\":[", cols);
            free(cols);
        } else {
            str_adds(&out, "\"items\":[");
        }
        str_add(&out, items.data ? items.data : "", items.len);
        str_adds(&out, "]}");
        reply_text(r, 200, "application/json", out.data, out.len);
        free(apiv);
    }
    str_release(&items);
    str_release(&out);
}

/* ---- watch ---- */
struct watch {
    struct res *res;
    char *ns, *labels, *fields, *name;
    uint64_t seq;
    bool table, columns_sent, bookmarks;
    int64_t ends, bookmark_at;
};

static void watch_line(struct stream *st, struct watch *w, const char *type, const struct obj *o)
{
    str_addf(&st->out, "{\"type\":\"%s\",\"object\":", type);
    if (w->table) {
        json_t *rows = json_array();
        json_array_append_new(rows, kube_table_row(st->sim, o, true));
        char rv[24];
        snprintf(rv, sizeof(rv), "%llu", (unsigned long long)o->rv);
        json_t *t = jt("{'kind':'Table','apiVersion':'meta.k8s.io/v1','metadata':{'resourceVersion':%s},'columnDefinitions':%j,'rows':%j}", rv,
                       w->columns_sent ? json_null() : kube_table_columns(w->res), rows);
        char *text = jdump(t);
        str_adds(&st->out, text);
        free(text);
        w->columns_sent = true;
    } else {
        str_add(&st->out, o->text, o->len);
    }
    str_adds(&st->out, "}\n");
}

static void watch_bookmark(struct stream *st, struct watch *w)
{
    char *apiv = *w->res->group ? sim_printf("%s/%s", w->res->group, w->res->version) : sim_strdup(w->res->version);
    str_addf(&st->out, "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"%s\",\"apiVersion\":\"%s\",\"metadata\":{\"resourceVersion\":\"%llu\","
                       "\"creationTimestamp\":null}}}\n", w->table ? "Table" : w->res->kind, w->table ? "meta.k8s.io/v1" : apiv,
             (unsigned long long)st->sim->rv);
    free(apiv);
}

static void watch_fill(struct stream *st)
{
    struct watch *w = st->arg;
    struct select q = {w->ns, w->labels, w->fields, w->name};
    const struct change_event *e;
    char fault[600] = "";
    bool gone;
    while (st->out.len < 65536 && (e = store_event(st->sim, w->seq, &gone))) {
        w->seq = e->seq;
        if (e->now->res != w->res)
            continue;
        bool is = e->type != DELETED && chosen(&q, e->now, fault, sizeof(fault));
        bool was = e->before && chosen(&q, e->before, fault, sizeof(fault));
        if (is)
            watch_line(st, w, was ? "MODIFIED" : "ADDED", e->now);
        else if (was)
            watch_line(st, w, "DELETED", e->now);
    }
    store_event(st->sim, w->seq, &gone);
    if (gone) {
        str_addf(&st->out, "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
                           "\"message\":\"too old resource version: %llu (%llu)\",\"reason\":\"Expired\",\"code\":410}}\n",
                 (unsigned long long)w->seq, (unsigned long long)st->sim->compacted);
        st->end = true;
    }
    int64_t now = clock_mono_ms();
    if (w->bookmarks && now >= w->bookmark_at) {
        watch_bookmark(st, w);
        w->bookmark_at = now + 60000;
    }
    if (w->ends && now >= w->ends)
        st->end = true;
}

static void watch_free(struct stream *st)
{
    struct watch *w = st->arg;
    free(w->ns);
    free(w->labels);
    free(w->fields);
    free(w->name);
    free(w);
}

void kube_watch(struct req *r, struct res *res, const char *ns, const char *name)
{
    const char *rv = req_query(r, "resourceVersion"), *secs = req_query(r, "timeoutSeconds"), *marks = req_query(r, "allowWatchBookmarks");
    const char *labels = req_query(r, "labelSelector"), *fields = req_query(r, "fieldSelector");
    struct watch *w = sim_alloc(sizeof(*w));
    uint64_t from = rv ? strtoull(rv, NULL, 10) : 0;
    w->res = res;
    w->ns = sim_strdup(ns);
    w->labels = labels ? sim_strdup(labels) : NULL;
    w->fields = fields ? sim_strdup(fields) : NULL;
    w->name = name ? sim_strdup(name) : NULL;
    w->table = kube_wants_table(r);
    w->bookmarks = marks && strcmp(marks, "true") == 0;
    int64_t now = clock_mono_ms();
    w->bookmark_at = now + 60000;
    w->ends = secs ? now + atoll(secs) * 1000 : now + 1800000;
    w->seq = from ? from : r->sim->rv;
    reply_stream(r, 200, "application/json", watch_fill, watch_free, w);
    struct stream *st = r->sim->streams;
    if (!from && st && st->arg == w) {                         /* no version: what there is now comes first */
        struct select q = {w->ns, w->labels, w->fields, w->name};
        char fault[600] = "";
        for (size_t i = store_from(res, ns, "", false); i < res->n; i++)
            if (chosen(&q, res->items[i], fault, sizeof(fault)))
                watch_line(st, w, "ADDED", res->items[i]);
    }
}
