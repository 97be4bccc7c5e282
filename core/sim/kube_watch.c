/* Watches: what is there first when asked for, then every change, bookmarks, the end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_sim.h"
#include "strata/clock.h"

struct watch {
    struct res *res;
    char *ns, *labels, *fields, *name;
    uint64_t seq;
    struct form form;
    bool columns_sent, bookmarks;
    int64_t ends, bookmark_at;
};

static void watch_line(struct stream *st, struct watch *w, const char *type, struct obj *o)
{
    str_addf(&st->out, "{\"type\":\"%s\",\"object\":", type);
    if (w->form.table) {
        char *cols = w->columns_sent ? NULL : jdump(kube_table_columns(w->res));
        str_addf(&st->out, "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{\"resourceVersion\":\"%llu\"},\"columnDefinitions\":%s,"
                           "\"rows\":[", (unsigned long long)o->rv, cols ? cols : "null");
        kube_row_text(st->sim, o, w->form.include, &st->out);
        str_adds(&st->out, "]}");
        free(cols);
        w->columns_sent = true;
    } else {
        kube_item_text(st->sim, o, &w->form, &st->out);
    }
    str_adds(&st->out, "}\n");
}

static void watch_bookmark(struct stream *st, struct watch *w, bool initial_end)
{
    char gv[128];
    const char *kind = w->form.table ? "Table" : w->form.partial ? "PartialObjectMetadata" : w->res->kind;
    str_addf(&st->out, "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"%s\",\"apiVersion\":\"%s\",\"metadata\":{\"resourceVersion\":\"%llu\","
                       "\"creationTimestamp\":null%s}}}\n", kind, w->form.table || w->form.partial ? "meta.k8s.io/v1" : kube_api_version(w->form.view ? w->form.view : w->res, gv),
             (unsigned long long)w->seq, initial_end ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "");
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
        bool is = e->type != DELETED && kube_chosen(&q, e->now, fault, sizeof(fault));
        bool was = e->before && kube_chosen(&q, e->before, fault, sizeof(fault));
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
        watch_bookmark(st, w, false);
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
    const char *labels = req_query(r, "labelSelector"), *fields = req_query(r, "fieldSelector"), *initial = req_query(r, "sendInitialEvents");
    bool first = initial && strcmp(initial, "true") == 0;
    char fault[600] = "";
    if (rv && strspn(rv, "0123456789") != strlen(rv)) {
        kube_status(r, 500, NULL, NULL, "resourceVersion: Invalid value: \"%s\": strconv.ParseUint: parsing \"%s\": invalid syntax", rv, rv);
        return;
    }
    if (!kube_understood(res, labels, fields, fault, sizeof(fault))) {
        kube_status(r, 400, "BadRequest", NULL, "%s", fault);
        return;
    }
    struct watch *w = sim_alloc(sizeof(*w));
    uint64_t from = rv ? strtoull(rv, NULL, 10) : 0;
    w->res = res;
    w->ns = sim_strdup(ns);
    w->labels = labels ? sim_strdup(labels) : NULL;
    w->fields = fields ? sim_strdup(fields) : NULL;
    w->name = name ? sim_strdup(name) : NULL;
    w->form = kube_form(r);
    w->bookmarks = marks && (strcmp(marks, "true") == 0 || strcmp(marks, "1") == 0);
    int64_t now = clock_mono_ms();
    w->bookmark_at = now + 60000;
    w->ends = secs && atoll(secs) > 0 ? now + atoll(secs) * 1000 : now + 1800000;
    w->seq = from && !first ? from : r->sim->rv;
    reply_stream(r, 200, "application/json", watch_fill, watch_free, w);
    struct stream *st = r->sim->streams;
    if ((from && !first) || !st || st->arg != w)
        return;
    struct select q = {w->ns, w->labels, w->fields, w->name};  /* no version, or asked for: what there is now comes first */
    for (size_t i = store_from(res, ns, "", false); i < res->n && (!*ns || strcmp(ns, res->items[i]->ns) == 0); i++)
        if (kube_chosen(&q, res->items[i], fault, sizeof(fault)))
            watch_line(st, w, "ADDED", res->items[i]);
    if (first && w->bookmarks)
        watch_bookmark(st, w, true);
}
