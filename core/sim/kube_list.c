/* Lists: in pages, as objects, as partial metadata or as a table; what a client may ask of the version. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_sim.h"

enum { LONG = 500 };                                           /* objects */

const char *kube_rv_text(uint64_t rv, char buf[24])
{
    snprintf(buf, 24, "%llu", (unsigned long long)rv);
    return buf;
}

bool kube_wants_partial(const struct req *r)
{
    const char *a = req_header(r, "Accept");
    return a && strstr(a, "as=PartialObjectMetadata");
}

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
    while (n < sizeof(plain) - 1 && hex[2 * n] && hex[2 * n + 1] && sscanf(hex + 2 * n, "%2x", &c) == 1)
        plain[n++] = (char)c;
    plain[n] = 0;
    if (sscanf(plain, "v1 %llu %255s %255s", &v, ns, name) != 3)
        return false;
    *rv = v;
    if (strcmp(ns, "-") == 0)
        *ns = 0;
    return true;
}

/* A list that is being answered: its objects are held as they were when it was asked for. */
struct listing {
    struct sim *sim;
    struct form form;
    struct str head;
    struct obj **v;
    size_t n, cap, at;
};

static size_t choose(struct listing *l, struct res *res, const struct select *q, size_t at, size_t limit, char *fault, size_t size)
{
    for (; at < res->n && (!limit || l->n < limit) && !*fault; at++) {
        struct obj *o = res->items[at];
        if (*q->ns && strcmp(q->ns, o->ns) != 0)
            return res->n;                                     /* sorted by namespace: there are no more */
        if (!kube_chosen(q, o, fault, size))
            continue;
        l->v = sim_grow(l->v, &l->cap, l->n + 1, sizeof(*l->v));
        l->v[l->n++] = obj_ref(o);
    }
    return at;
}

static bool list_more(void *arg, struct str *out)
{
    struct listing *l = arg;
    if (!l->at)
        str_add(out, l->head.data, l->head.len);
    if (l->at < l->n) {
        if (l->at)
            str_addc(out, ',');
        kube_item_text(l->sim, l->v[l->at], &l->form, out);
    }
    if (++l->at < l->n)
        return true;
    str_adds(out, "]}\n");
    return false;
}

static void list_done(void *arg)
{
    struct listing *l = arg;
    for (size_t i = 0; i < l->n; i++)
        obj_unref(l->v[i]);
    free(l->v);
    str_release(&l->head);
    free(l);
}

static size_t remaining(struct res *res, const struct select *q, size_t at)
{
    char fault[600] = "";
    size_t n = 0;
    if (!*q->ns && (!q->labels || !*q->labels) && (!q->fields || !*q->fields))
        return res->n - at;
    for (; at < res->n && (!*q->ns || strcmp(q->ns, res->items[at]->ns) == 0); at++)
        n += kube_chosen(q, res->items[at], fault, sizeof(fault));
    return n;
}

static bool number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

bool kube_rv_known(struct req *r, const char *rvq)
{
    uint64_t rv = rvq && number(rvq) ? strtoull(rvq, NULL, 10) : 0;
    if (rv <= r->sim->rv)
        return true;
    req_head(r, "Retry-After", "1");
    kube_status(r, 504, "Timeout", jt("{'causes':[{'reason':'ResourceVersionTooLarge','message':'Too large resource version'}],'retryAfterSeconds':1}"),
                "Timeout: Too large resource version: %llu, current: %llu", (unsigned long long)rv, (unsigned long long)r->sim->rv);
    return false;
}

static bool list_options(struct req *r, const char *cont)
{
    const char *lim = req_query(r, "limit"), *rv = req_query(r, "resourceVersion"), *match = req_query(r, "resourceVersionMatch");
    struct causes c;
    causes_init(&c);
    if (lim && *lim && !number(*lim == '-' ? lim + 1 : lim)) {
        kube_status(r, 400, "BadRequest", NULL, "strconv.ParseInt: parsing \"%s\": invalid syntax", lim);
    } else if (match && *match && (!rv || !*rv)) {
        cause(&c, "FieldValueForbidden", "resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
        causes_reply(&c, r, "meta.k8s.io", "ListOptions", "");
        return false;
    } else if (match && *match && cont && *cont) {
        cause(&c, "FieldValueForbidden", "resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden when continue is provided");
        causes_reply(&c, r, "meta.k8s.io", "ListOptions", "");
        return false;
    } else if (match && *match && strcmp(match, "Exact") != 0 && strcmp(match, "NotOlderThan") != 0) {
        cause(&c, "FieldValueNotSupported", "resourceVersionMatch", "Unsupported value: \"%s\": supported values: \"Exact\", \"NotOlderThan\"", match);
        causes_reply(&c, r, "meta.k8s.io", "ListOptions", "");
        return false;
    } else if (rv && *rv && !number(rv)) {
        kube_status(r, 400, "BadRequest", NULL, "invalid resource version: resourceVersion: Invalid value: \"%s\": strconv.ParseUint: parsing \"%s\": invalid "
                    "syntax", rv, rv);
    } else if (rv && match && strcmp(match, "Exact") == 0 && strtoull(rv, NULL, 10) < r->sim->expired) {
        kube_status(r, 410, "Expired", NULL, "The resourceVersion for the provided list is too old.");
    } else {
        json_decref(c.list);
        return (cont && *cont) || kube_rv_known(r, rv);
    }
    json_decref(c.list);
    return false;
}

static void list_head(struct listing *l, struct res *res, const struct select *q, uint64_t rv, size_t at, size_t limit)
{
    size_t rest = limit && at < res->n ? remaining(res, q, at) : 0;
    struct str *out = &l->head;
    char gv[128];
    if (l->form.table)
        str_adds(out, "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\"");
    else if (l->form.partial)
        str_adds(out, "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\"");
    else
        str_addf(out, "{\"kind\":\"%sList\",\"apiVersion\":\"%s\"", res->kind, kube_api_version(l->form.view ? l->form.view : res, gv));
    str_addf(out, ",\"metadata\":{\"resourceVersion\":\"%llu\"", (unsigned long long)rv);
    if (rest) {
        str_adds(out, ",\"continue\":\"");
        token_write(out, rv, res->items[at - 1]);
        str_addc(out, '"');
        if ((!q->labels || !*q->labels) && (!q->fields || !*q->fields))
            str_addf(out, ",\"remainingItemCount\":%zu", rest);
    }
    str_adds(out, "},");
    if (l->form.table) {
        char *cols = jdump(kube_table_columns(res));
        str_addf(out, "\"columnDefinitions\":%s,\"rows\":[", cols);
        free(cols);
    } else {
        str_adds(out, "\"items\":[");
    }
}

/* What is long is made while it is sent; faults want a body they can spoil. */
static void list_reply(struct req *r, struct listing *l)
{
    struct str out;
    if (l->n > LONG && !r->sim->world->faults) {
        reply_long(r, "application/json", list_more, list_done, l);
        return;
    }
    str_init(&out, (size_t)4 << 30);
    while (list_more(l, &out))
        ;
    reply_text(r, 200, "application/json", out.data, out.len);
    str_release(&out);
    list_done(l);
}

void kube_list(struct req *r, struct res *res, const char *ns)
{
    const char *cont = req_query(r, "continue"), *lim = req_query(r, "limit");
    struct select q = {ns, req_query(r, "labelSelector"), req_query(r, "fieldSelector"), NULL};
    size_t limit = lim && *lim != '-' ? strtoul(lim, NULL, 10) : 0, at = store_from(res, ns, "", false);
    uint64_t rv = r->sim->rv;
    char cns[256] = "", cname[256] = "", fault[600] = "";
    if (!list_options(r, cont))
        return;
    if (cont && *cont) {
        if (!token_read(cont, &rv, cns, cname)) {
            kube_status(r, 400, "BadRequest", NULL, "invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value");
            return;
        }
        if (rv < r->sim->expired) {
            kube_status(r, 410, "Expired", NULL, "The provided continue parameter is too old to display a consistent list result. You can "
                        "start a new list without the continue parameter.");
            return;
        }
        at = store_from(res, cns, cname, true);
    }
    struct listing *l = sim_alloc(sizeof(*l));
    *l = (struct listing){.sim = r->sim, .form = kube_form(r)};
    str_init(&l->head, 0);
    if (kube_understood(res, q.labels, q.fields, fault, sizeof(fault)))
        at = choose(l, res, &q, at, limit, fault, sizeof(fault));
    if (*fault) {
        kube_status(r, 400, "BadRequest", NULL, "%s", fault);
        list_done(l);
        return;
    }
    list_head(l, res, &q, rv, at, limit);
    list_reply(r, l);
}
