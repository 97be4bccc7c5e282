/* Very many pods: one deployment is made as any other, the rest are its copies with names, ids, times and addresses of their own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/ctl.h"
#include "core/sim/kube_seed.h"
#include "core/sim/kube_sim.h"
#include "core/sim/stencil.h"

enum { PODS_OF = 25, SPACES = 100, PODS_ON_NODE = 200 };        /* of a deployment; namespaces; how full a node is */
enum { W_NS, W_NAME, W_DEPLOY, W_SET, W_POD, W_POD_UID, W_VERSION, W_BORN, W_STARTED, W_IP, W_INIT, W_MAIN };

struct model { struct obj *o; struct ctl_item *it; struct stencil text, cells; };
struct many {
    struct sim *s;
    const char *words[STENCIL_WORDS];                          /* of the present copy */
    struct model deploy, set, pod[PODS_OF];
    struct stencil labels[2];                                  /* of the deployment, of what is below */
    int npods;
};

/* ---- machines ---- */
void seed_rooms(int pods, struct cluster *c)
{
    size_t n = pods > 0 ? (size_t)(pods + PODS_ON_NODE - 1) / PODS_ON_NODE : 0, old = c->nmachines;
    struct machine *all = sim_alloc((old + n) * sizeof(*all));
    memcpy(all, c->machines, old * sizeof(*all));
    for (size_t i = 0; i < n; i++) {
        char *name = sim_printf("bench-node-%04zu", i + 1), *ip = sim_printf("10.1.%zu.%zu", i / 250, i % 250 + 2);
        all[old + i] = (struct machine){name, ip, 'b', 0, NULL, 64, 256};
    }
    c->machines = all;
    c->nmachines = old + n;
}

void seed_rooms_done(struct cluster *c)
{
    for (size_t i = 0; i < c->nmachines; i++) {
        if (c->machines[i].role == 'b') {
            free((char *)(uintptr_t)c->machines[i].name);
            free((char *)(uintptr_t)c->machines[i].ip);
        }
    }
    free((struct machine *)(uintptr_t)c->machines);
}

/* ---- the first one and its words ---- */
static void model_init(struct many *m, struct model *d, struct obj *o, const char *const words[STENCIL_WORDS])
{
    const char *own[STENCIL_WORDS];
    char version[64];
    snprintf(version, sizeof(version), "\"resourceVersion\":\"%llu\"", (unsigned long long)o->rv);
    memcpy(own, words, sizeof(own));
    own[W_VERSION] = version;
    d->o = o;
    d->it = ctl_item(m->s, o->uid);
    stencil_init(&d->text, o->text, own);
    if (words[W_POD]) {                                        /* the row of its table is copied, too */
        struct str row;
        str_init(&row, 0);
        kube_row_text(m->s, o, INCLUDE_NONE, &row);
        str_release(&row);
    }
    if (o->cells)
        stencil_init(&d->cells, o->cells, own);
}

static void pod_model(struct many *m, struct obj *o, const char *const words[STENCIL_WORDS])
{
    const char *own[STENCIL_WORDS];
    json_t *d = obj_doc(o);
    memcpy(own, words, sizeof(own));
    own[W_POD] = o->name;
    own[W_POD_UID] = o->uid;
    own[W_STARTED] = jstr(d, "status.startTime");
    own[W_IP] = jstr(d, "status.podIP");
    own[W_INIT] = jstr(d, "status.initContainerStatuses.0.containerID");
    own[W_MAIN] = jstr(d, "status.containerStatuses.0.containerID");
    model_init(m, &m->pod[m->npods++], o, own);
    json_decref(d);
}

static void labels_model(struct stencil *t, const struct obj *o, const char *const words[STENCIL_WORDS])
{
    char *text = json_dumps(o->labels, JSON_COMPACT);
    stencil_init(t, text, words);
    json_text_free(text);
}

/* The newest objects of the store are those of the deployment that was just made. */
static void many_init(struct many *m, struct sim *s, const char *ns, const char *name)
{
    struct res *pods = seed_res(s, "", "pods"), *sets = seed_res(s, "apps", "replicasets"), *deploys = seed_res(s, "apps", "deployments");
    struct obj *set = sets->items[sets->n - 1], *deploy = deploys->items[deploys->n - 1];
    json_t *d = obj_doc(deploy);
    const char *const words[STENCIL_WORDS] = {[W_NS] = ns, [W_NAME] = name, [W_DEPLOY] = deploy->uid, [W_SET] = set->uid,
                                              [W_BORN] = jstr(d, "metadata.creationTimestamp")};
    *m = (struct many){.s = s};
    model_init(m, &m->deploy, deploy, words);
    model_init(m, &m->set, set, words);
    labels_model(&m->labels[0], deploy, words);
    labels_model(&m->labels[1], pods->items[pods->n - 1], words);
    for (int i = 0; i < PODS_OF; i++)
        pod_model(m, pods->items[pods->n - PODS_OF + (size_t)i], words);
    json_decref(d);
}

static void many_release(struct many *m)
{
    stencil_release(&m->deploy.text);
    stencil_release(&m->set.text);
    for (int i = 0; i < 2; i++)
        stencil_release(&m->labels[i]);
    for (int i = 0; i < m->npods; i++) {
        stencil_release(&m->pod[i].text);
        stencil_release(&m->pod[i].cells);
    }
}

/* ---- copies ---- */
static void copy(struct many *m, const struct model *d, struct obj head, int64_t born, const char *ip)
{
    char version[64];
    size_t len;
    snprintf(version, sizeof(version), "\"resourceVersion\":\"%llu\"", (unsigned long long)m->s->rv + 1);
    m->words[W_VERSION] = version;
    char *text = stencil_fill(&d->text, m->words, &len);
    head.res = d->o->res;
    struct obj *o = store_put_text(m->s, &head, text, len);
    if (d->cells.n) {
        o->cells = stencil_fill(&d->cells, m->words, &len);
        o->born = stamp_ms(m->words[W_BORN]);
    }
    ctl_seeded(m->s, o, d->it, born, ip);
}

static json_t *labels(struct many *m, int which)
{
    size_t len;
    char *text = stencil_fill(&m->labels[which], m->words, &len);
    json_t *l = json_loadb(text, len, 0, NULL);
    free(text);
    return l;
}

static void container_id(struct sim *s, char out[96])
{
    size_t n = (size_t)snprintf(out, 96, "containerd://");
    hex_id(s, out + n, 64);
}

static void copy_pod(struct many *m, int nth, int i, struct obj head, int64_t born)
{
    const struct model *d = &m->pod[(i + nth) % PODS_OF];      /* not all deployments begin at the same machine */
    unsigned room = (unsigned)(nth * PODS_OF + i);
    char name[128], uid[37], ip[16], init[96], main_id[96], tail[6];
    suffix5(m->s, tail);
    tail[4] = "bcdfghjklmnpqrstvwxz2456789"[i];
    snprintf(name, sizeof(name), "%s-%s", head.name, tail);
    snprintf(ip, sizeof(ip), "10.%u.%u.%u", 160 + room / 65536 % 90, room / 256 % 256, room % 256);
    uuid4(m->s, uid);
    container_id(m->s, init);
    container_id(m->s, main_id);
    m->words[W_POD] = head.name = name;
    m->words[W_POD_UID] = head.uid = uid;
    m->words[W_IP] = ip;
    m->words[W_INIT] = init;
    m->words[W_MAIN] = main_id;
    head.node = d->o->node;
    copy(m, d, head, born, ip);
}

static void copy_deployment(struct many *m, int nth, char *ns, char *name)
{
    char deploy[37], set[37], set_name[96], at[32], started[32], none[] = "";
    int64_t born = seed_ago(m->s, 3600000LL * (2 + (int64_t)(sim_rand(m->s) % 400)));
    born -= born % 1000;                                       /* as its text will say */
    uuid4(m->s, deploy);
    uuid4(m->s, set);
    stamp(born, at);
    stamp(born + 2000, started);
    snprintf(set_name, sizeof(set_name), "%s%s", name, m->set.o->name + strlen(m->deploy.o->name));
    memset(m->words, 0, sizeof(m->words));                     /* those of the last copy are gone */
    m->words[W_NS] = ns;
    m->words[W_NAME] = name;
    m->words[W_DEPLOY] = deploy;
    m->words[W_SET] = set;
    m->words[W_BORN] = at;
    m->words[W_STARTED] = started;
    json_t *own = labels(m, 0), *below = labels(m, 1);
    copy(m, &m->deploy, (struct obj){.ns = ns, .name = name, .uid = deploy, .node = none, .owner_uid = none, .labels = own}, born, "");
    copy(m, &m->set, (struct obj){.ns = ns, .name = set_name, .uid = set, .node = none, .owner_uid = deploy, .labels = below}, born, "");
    for (int i = 0; i < PODS_OF; i++)
        copy_pod(m, nth, i, (struct obj){.ns = ns, .name = set_name, .owner_uid = set, .labels = below}, born);
    json_decref(own);
    json_decref(below);
}

void seed_many(struct sim *s, const struct cluster *c, int pods)
{
    char ns[32], name[64], at[32];
    struct work w = {ns, name, 'D', 0, name, "bench", "bench:1", .inits = 1, .on = 'b'};
    struct many m = {0};
    for (int i = 0, nth = 0; i < pods; i += PODS_OF, nth++) {
        snprintf(ns, sizeof(ns), "bench-%03d", nth % SPACES);
        snprintf(name, sizeof(name), "bench-%05d", nth);
        if (nth < SPACES)
            store_put(s, seed_res(s, "", "namespaces"),
                      jt("{'kind':'Namespace','apiVersion':'v1','metadata':{'name':%s,'creationTimestamp':%s,'labels':{'kubernetes.io/metadata.name':%s}},"
                         "'spec':{'finalizers':['kubernetes']},'status':{'phase':'Active'}}", ns, stamp(seed_ago(s, 86400000), at), ns));
        w.replicas = pods - i < PODS_OF ? pods - i : PODS_OF;
        if (m.npods && w.replicas == PODS_OF) {
            copy_deployment(&m, nth, ns, name);
        } else {
            seed_work(s, c, &w);
            if (!m.npods && w.replicas == PODS_OF)
                many_init(&m, s, ns, name);
        }
    }
    many_release(&m);
}
