/* metrics.k8s.io: use worked out from the pods that run, wandering a little with the time. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "core/sim/kube_sim.h"

static uint64_t hash(const char *text, uint64_t salt)
{
    uint64_t h = 0xcbf29ce484222325ULL ^ salt;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3ULL;
    return h ^ (h >> 29);
}

/* A steady share of each pod and container, and up to an eighth more or less in every window of 15 s. */
static int64_t use(struct sim *s, const char *what, int64_t base)
{
    uint64_t steady = hash(what, 7) % 1000, now = hash(what, (uint64_t)(sim_now(s) / 15000)) % 250;
    int64_t mean = base / 4 + base * (int64_t)steady / 1000;
    return mean + mean * ((int64_t)now - 125) / 1000;
}

/* Nanocores, KiB. A note on the pod may say how busy its containers are. */
static void usage_of(struct sim *s, const struct obj *o, const json_t *pod, const char *container, int64_t *nano, int64_t *kib)
{
    const char *busy = ctl_note_str(pod, SIM_NOTE "cpu");
    char *what = sim_printf("%s/%s", o->uid, container);
    *nano = *busy ? ctl_quantity(busy, true) * 1000000 : use(s, what, 40000000);
    *kib = use(s, what + 1, 180000);
    free(what);
}

int64_t kube_usage(struct sim *s, const struct obj *pod, const json_t *doc, const char *container, bool cpu)
{
    int64_t nano, kib;
    usage_of(s, pod, doc, container, &nano, &kib);
    return cpu ? (nano + 999999) / 1000000 : kib * 1024000;
}

static json_t *usage(int64_t nano, int64_t kib)
{
    char *cpu = sim_printf("%lldn", (long long)nano), *mem = sim_printf("%lldKi", (long long)kib);
    json_t *u = jt("{'cpu':%s,'memory':%s}", cpu, mem);
    free(cpu);
    free(mem);
    return u;
}

static json_t *head(struct sim *s, const struct obj *o, const char *kind)
{
    char at[32], seen[32];
    json_t *labels = o->labels ? json_incref(o->labels) : json_object();
    stamp(sim_now(s), at);
    stamp(sim_now(s) / 15000 * 15000, seen);
    json_t *m = jt("{'kind':%s,'apiVersion':'metrics.k8s.io/v1beta1','metadata':{'name':%s,'creationTimestamp':%s,'labels':%j},'timestamp':%s,"
                   "'window':'15s'}", kind, o->name, at, labels, seen);
    if (*o->ns)
        jset(m, "metadata.namespace", json_string(o->ns));
    return m;
}

/* NULL: a pod that does not run has no metrics. Sums go to *nano and *kib. */
static json_t *pod_metrics(struct sim *s, const struct obj *o, int64_t *nano, int64_t *kib)
{
    if (!*o->node || !strstr(o->text, "\"phase\":\"Running\""))
        return NULL;
    json_t *d = obj_doc(o), *all = jat(d, "spec.containers"), *c, *out = json_array(), *m = head(s, o, "PodMetrics");
    size_t i;
    *nano = *kib = 0;
    json_array_foreach(all, i, c) {
        int64_t n, k;
        usage_of(s, o, d, jstr(c, "name"), &n, &k);
        json_array_append_new(out, jt("{'name':%s,'usage':%j}", jstr(c, "name"), usage(n, k)));
        *nano += n;
        *kib += k;
    }
    json_object_set_new(m, "containers", out);
    json_decref(d);
    return m;
}

static json_t *node_metrics(struct sim *s, const struct obj *o)
{
    struct res *pods = store_find_res(s, "", "v1", "pods");
    int64_t nano = use(s, o->name, 300000000), kib = use(s, o->name, 2500000), n, k;
    if (!strstr(o->text, "\"type\":\"Ready\",\"status\":\"True\""))
        return NULL;
    for (size_t i = 0; i < pods->n; i++) {
        if (strcmp(pods->items[i]->node, o->name) != 0)
            continue;
        json_t *m = pod_metrics(s, pods->items[i], &n, &k);
        nano += m ? n : 0;
        kib += m ? k : 0;
        json_decref(m);
    }
    json_t *m = head(s, o, "NodeMetrics");
    json_object_set_new(m, "usage", usage(nano, kib));
    return m;
}

static json_t *sample(struct sim *s, const struct obj *o, bool pods)
{
    int64_t n, k;
    return pods ? pod_metrics(s, o, &n, &k) : node_metrics(s, o);
}

static json_t *as_row(json_t *m)
{
    json_t *use = jat(m, "usage") ? jat(m, "usage") : jat(m, "containers.0.usage");
    json_t *row = jt("{'cells':[%s,%s,%s,%s],'object':{'kind':'PartialObjectMetadata','apiVersion':'meta.k8s.io/v1','metadata':%j}}",
                     jstr(m, "metadata.name"), jstr(use, "cpu"), jstr(use, "memory"), jstr(m, "window"), json_incref(jat(m, "metadata")));
    json_decref(m);
    return row;
}

static json_t *columns(void)
{
    return jt("[{'name':'Name','type':'string','format':'name','description':'Name of the resource','priority':0},{'name':'cpu','type':'string','format':"
              "'quantity','description':'','priority':0},{'name':'memory','type':'string','format':'quantity','description':'','priority':0},{'name':"
              "'Window','type':'string','format':'duration','description':'','priority':0}]");
}

void kube_metrics(struct req *r, const struct target *t)
{
    bool pods = strcmp(t->res->plural, "pods") == 0, table = kube_wants_table(r);
    struct res *res = store_find_res(r->sim, "", "v1", t->res->plural);
    const char *ns = t->ns ? t->ns : "";
    char fault[600] = "";
    if (t->name) {
        struct obj *o = store_get(res, ns, t->name);
        json_t *m = o ? sample(r->sim, o, pods) : NULL;
        if (m)
            reply_json(r, 200, m);
        else
            kube_status(r, 404, "NotFound", jt("{'name':%s,'kind':%s}", t->name, pods ? "pods" : "node"), "%s \"%s\" not found", pods ? "pods" : "node",
                        t->name);
        return;
    }
    struct select q = {ns, req_query(r, "labelSelector"), req_query(r, "fieldSelector"), NULL};
    json_t *items = json_array();
    for (size_t i = store_from(res, ns, "", false); i < res->n && !*fault && (!*ns || strcmp(res->items[i]->ns, ns) == 0); i++) {
        json_t *m = kube_chosen(&q, res->items[i], fault, sizeof(fault)) ? sample(r->sim, res->items[i], pods) : NULL;
        if (m)
            json_array_append_new(items, table ? as_row(m) : m);
    }
    if (*fault) {
        json_decref(items);
        kube_status(r, 400, "BadRequest", NULL, "%s", fault);
    } else if (table) {
        reply_json(r, 200, jt("{'kind':'Table','apiVersion':'meta.k8s.io/v1','metadata':{},'columnDefinitions':%j,'rows':%j}", columns(), items));
    } else {
        reply_json(r, 200, jt("{'kind':%s,'apiVersion':'metrics.k8s.io/v1beta1','metadata':{},'items':%j}", pods ? "PodMetricsList" : "NodeMetricsList",
                              items));
    }
}
