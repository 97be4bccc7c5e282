/* What an action itself takes away, and the words for a chain of harm. */
#include <string.h>

#include "core/links/cut.h"
#include "strata/blast.h"
#include "strata/graph.h"
#include "strata/tell.h"

static void add(struct cutter *c, uint32_t node, enum blast_plane plane, bool back) { link_cut_add(c, node, plane, HARM_LOST, back); }

void link_cut_add(struct cutter *c, uint32_t node, enum blast_plane plane, enum blast_harm harm, bool back)
{
    if (c->n < c->max)
        c->cut[c->n] = (struct blast_cut){.node = node, .plane = plane, .harm = (uint8_t)harm, .back = back, .undo = c->undo};
    c->n++;
}

static bool managed(const struct row *pod) { return *pod->owner != '\0'; }
/* Its phase is Failed: evicted long ago, say. The scheduler counts nothing for it any more, though it is red. */
static bool failed(const struct row *pod)
{
    int asked = kind_column(pod->kind, "cpu-requested");
    return pod->health == HEALTH_BAD && asked >= 0 && pod->cell[asked].n == CELL_NONE;
}

/* What does not serve cannot be lost: a server that is off, a pod that ended or ends, or is not ready and has an owner to make
 * another, metal that nobody got. */
bool blast_serves(const struct row *r)
{
    if (r->health == HEALTH_DONE || (r->flags & ROW_DELETING && link_is(r, "pods")))
        return false;
    if (link_is(r, "baremetal"))
        return *row_column(r, "instance-id") != '\0';
    return !link_is(r, "pods") || (managed(r) ? r->health == HEALTH_OK : !failed(r));
}

bool link_cut_stands(const struct row *pod)
{
    return pod->health != HEALTH_DONE && !(pod->flags & ROW_DELETING) && !failed(pod);
}

static void add_pod(void *arg, uint32_t pod)
{
    struct cutter *c = arg;
    if (!blast_serves(links_row(c->l, pod)))
        return;
    if (c->keep)
        c->keep--;
    else
        add(c, pod, BLAST_DP, c->back);
}

/* The nodes that a hypervisor is; of a node itself. */
static void host_drained(struct cutter *c, uint32_t node, struct str *words)
{
    const struct link_edge *e;
    size_t n = links_down(c->l, node, &e);
    if (link_is(links_row(c->l, node), "nodes"))
        link_cut_drained(c, node, words);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(links_relation(e[i].relation)->id, "host") && e[i].cls >= LINK_B && e[i].cls != LINK_X)
            link_cut_drained(c, e[i].to, words);
}

static void count_pod(void *arg, uint32_t pod)
{
    struct cutter *c = arg;
    c->keep += blast_serves(links_row(c->l, pod));
}

static int64_t number(const struct row *r, const char *column, int64_t none)
{
    int col = kind_column(r->kind, column);
    return col < 0 || r->cell[col].n == CELL_NONE ? none : r->cell[col].n;
}

/* Of what is rolled, as many are away at a time as its strategy lets be, those that do not serve among them; a StatefulSet takes the
 * next of its pods whether another serves or not. stay: so many by the new text of it, -1 by what it is now. */
static void rolled(struct cutter *c, uint32_t node, int64_t stay)
{
    const struct row *r = links_row(c->l, node);
    bool set = link_is(r, "statefulsets"), daemon = link_is(r, "daemonsets");
    struct cutter serve = {.l = c->l};
    link_pods_of(c->l, node, count_pod, &serve);
    int64_t away = number(r, "max-unavailable", set || daemon ? 1 : 0), n = (int64_t)serve.keep;
    int64_t all = daemon ? number(r, "desired", n) : number(r, "ready", n) & UINT32_MAX;
    away = stay < 0 ? away : all - stay;
    stay = (set ? n : all) - away;
    c->keep = stay < 0 ? 0 : (size_t)stay;
    link_pods_of(c->l, node, add_pod, c);
}

/* What agents of a node have: they put up with whatever stands there. */
static bool tolerates_all(const struct row *pod)
{
    for (const char *t = row_column(pod, "tolerations"); *t; t += strcspn(t, ","), t += *t == ',')
        if (*t == '*' && (!t[1] || t[1] == ',' || (!strncmp(t + 1, ":NoExecute", 10) && (!t[11] || t[11] == ','))))
            return true;
    return false;
}

/* NoExecute asks no budget; a DaemonSet makes no other pod there either. */
static void tainted(struct cutter *c, uint32_t node, struct str *words)
{
    const struct link_edge *e;
    size_t n = links_up(c->l, node, &e);
    str_adds(words, "as if it were of NoExecute, and none tolerated it but pods that tolerate all\n");
    for (size_t i = 0; i < n; i++) {
        const struct row *r = links_row(c->l, e[i].to);
        if (!strcmp(links_relation(e[i].relation)->id, "runs-on") && link_is(r, "pods") && blast_serves(r) && !tolerates_all(r))
            add(c, e[i].to, BLAST_DP, managed(r) && !blast_by_daemon(r));
    }
}

/* Of two amphorae one serves while the other is made anew; with one, no traffic passes meanwhile, nor is it known where none is shown. */
static void failed_over(struct cutter *c, uint32_t node, struct str *words)
{
    const struct link_edge *e;
    uint32_t one = UINT32_MAX;
    size_t n = links_down(c->l, node, &e), serve = 0;
    for (size_t i = 0; i < n; i++)
        if (!strcmp(links_relation(e[i].relation)->id, "balances") && links_row(c->l, e[i].to)->health == HEALTH_OK) {
            one = e[i].to;
            serve++;
        }
    if (!serve)
        str_adds(words, "its amphorae are not seen: as if it had one\n");
    add(c, serve ? one : node, BLAST_DP, true);
}

/* ITSELF: it ends. IN_IT: what is in the namespace does. ITS_PODS: they do. SOME_PODS: those above the replicas asked for. ROLLED: so many at a time.
 * ON_NODE: what is evicted from it. ON_HOST: the same of the node that it is. MANAGES: what it is for cannot be managed. FAILED_OVER: its machines one
 * by one. TAINTED: all on it, budgets or not. STORED: it and what keeps data there. UNPLUGGED, UNROUTED, UNNETTED, UNADDRESSED, UNBALANCED: what is reached by it. REBUILT: it
 * comes back, what was on its disk does not. DISABLED: what an agent cares for. UNSERVED: a network its DHCP agent. LABELLED: who selects it. EXPOSED: the way in.
 * CLUSTER: all its machines. OF_IMAGE, OF_SNAPSHOT, OF_SUBNET: what was made from it or has its address. RECORD: who goes by it. NOTHING: it is moved unharmed. */
enum how { NOTHING, ITSELF, IN_IT, ITS_PODS, SOME_PODS, ROLLED, ON_NODE, ON_HOST, MANAGES, FAILED_OVER, TAINTED, STORED, UNPLUGGED, UNROUTED, UNNETTED, UNADDRESSED, UNBALANCED, REBUILT, DISABLED, UNSERVED, LABELLED, EXPOSED, CLUSTER, OF_IMAGE, OF_SNAPSHOT, OF_SUBNET, RECORD };
#define BACK 1u     /* comes back by itself */
#define UNDO 2u     /* who did it can take it back */
#define TELLS 8u   /* what the graph cannot tell of it no other fact of its plan says */
#define OTHERS 4u  /* hits what another system knows as something else: rules that contradict each other forbid it */
static const struct { const char *action, *kind; enum how how; unsigned flags; } cuts[] = {
    {"delete", "pods", ITSELF, BACK}, {"evict", "pods", ITSELF, BACK}, {"restart", "pods", ITSELF, BACK}, {"remove", "pods", ITSELF, BACK},
    {"label", "pods", LABELLED, UNDO | TELLS},
    {"delete", "deployments", ITS_PODS, 0}, {"delete", "statefulsets", ITS_PODS, 0}, {"delete", "daemonsets", ITS_PODS, 0},
    {"delete", "replicasets", ITS_PODS, BACK}, {"delete", "jobs", ITS_PODS, 0},
    {"scale", "deployments", SOME_PODS, UNDO}, {"scale", "statefulsets", SOME_PODS, UNDO}, {"scale", "replicasets", SOME_PODS, UNDO},
    {"restart", "deployments", ROLLED, BACK}, {"restart", "statefulsets", ROLLED, BACK}, {"restart", "daemonsets", ROLLED, BACK},
    {"set-image", "deployments", ROLLED, BACK}, {"set-image", "statefulsets", ROLLED, BACK}, {"set-image", "daemonsets", ROLLED, BACK},
    {"recreate", "deployments", ITS_PODS, BACK}, {"recreate", "statefulsets", ITS_PODS, BACK}, {"recreate", "daemonsets", ITS_PODS, BACK},
    {"undo", "deployments", ROLLED, BACK}, {"undo", "statefulsets", ROLLED, BACK}, {"undo", "daemonsets", ROLLED, BACK},
    {"delete", "namespaces", IN_IT, 0}, {"delete", "nodes", ITSELF, 0}, {"drain", "nodes", ON_NODE, BACK}, {"maintenance", "nodes", ON_NODE, BACK}, {"cordon", "nodes", NOTHING, BACK},
    {"host-drain", "nodes", ON_HOST, BACK | OTHERS}, {"host-drain", "hypervisor", ON_HOST, BACK | OTHERS}, {"drain", "hypervisor", NOTHING, BACK | OTHERS},
    {"stop", "server", ITSELF, UNDO | OTHERS}, {"pause", "server", ITSELF, UNDO | OTHERS}, {"suspend", "server", ITSELF, UNDO | OTHERS},
    {"shelve", "server", ITSELF, UNDO | OTHERS}, {"shelve-offload", "server", ITSELF, UNDO | OTHERS}, {"rescue", "server", ITSELF, UNDO | OTHERS},
    {"delete", "server", ITSELF, OTHERS}, {"force-delete", "server", ITSELF, OTHERS}, {"soft-delete", "server", ITSELF, UNDO | OTHERS},
    {"reboot", "server", ITSELF, BACK | OTHERS}, {"rebuild", "server", REBUILT, BACK | OTHERS}, {"resize", "server", ITSELF, BACK | OTHERS},
    {"migrate", "server", ITSELF, BACK | OTHERS}, {"live-migrate", "server", NOTHING, BACK | OTHERS}, {"evacuate", "server", NOTHING, BACK | OTHERS},
    {"power-off", "baremetal", ITSELF, UNDO | OTHERS}, {"reboot", "baremetal", ITSELF, BACK | OTHERS},
    {"disable", "os-services", DISABLED, UNDO}, {"enable", "os-services", NOTHING, UNDO}, {"unforce-down", "os-services", NOTHING, UNDO}, {"force-down", "os-services", MANAGES, UNDO},
    {"delete", "loadbalancer", UNBALANCED, 0}, {"failover", "loadbalancer", FAILED_OVER, BACK}, 
    {"taint", "nodes", TAINTED, UNDO},
    {"delete", "volume", STORED, 0}, {"detach", "volume", STORED, UNDO}, {"delete", "share", STORED, 0}, {"delete", "persistentvolumeclaims", STORED, 0}, {"delete", "persistentvolumes", STORED, 0},
    {"delete", "port", UNPLUGGED, 0}, {"delete", "floating-ip", UNADDRESSED, 0}, {"disassociate", "floating-ip", UNADDRESSED, UNDO},
    {"delete", "router", UNROUTED, 0}, {"remove-agent", "router", UNROUTED, UNDO}, {"reschedule", "router", UNROUTED, BACK}, {"delete", "network", UNNETTED, 0},
    {"delete", "services", EXPOSED, TELLS}, {"delete", "hypervisor", ITSELF, OTHERS}, {"delete", "coe-cluster", CLUSTER, 0},
    {"disable", "hypervisor", NOTHING, UNDO}, {"enable", "hypervisor", NOTHING, UNDO}, {"host-back", "hypervisor", NOTHING, 0}, {"host-back", "nodes", NOTHING, 0},
    {"maintenance-end", "nodes", NOTHING, 0}, {"uncordon", "nodes", NOTHING, UNDO}, {"pause", "deployments", NOTHING, UNDO}, {"resume", "deployments", NOTHING, UNDO},
    {"suspend", "cronjobs", NOTHING, UNDO}, {"resume", "cronjobs", NOTHING, UNDO}, {"trigger", "cronjobs", NOTHING, 0}, {"set-image", "pods", ITSELF, BACK},
    {"attach", "volume", NOTHING, UNDO}, {"extend", "volume", NOTHING, 0}, {"associate", "floating-ip", NOTHING, UNDO}, {"add-agent", "router", NOTHING, UNDO},
    {"add-agent", "network", NOTHING, UNDO}, {"power-on", "baremetal", NOTHING, UNDO}, {"maintenance-on", "baremetal", NOTHING, UNDO}, {"maintenance-off", "baremetal", NOTHING, UNDO},
    {"force-complete", "server", ITSELF, BACK | OTHERS}, {"revert-resize", "server", ITSELF, BACK | OTHERS},
    {"reset-state", "server", RECORD, UNDO | TELLS}, {"reset-state", "volume", RECORD, UNDO | TELLS},
    {"remove-agent", "network", UNSERVED, UNDO | TELLS}, {"reschedule", "network", UNSERVED, BACK | TELLS},
    {"delete", "image", OF_IMAGE, TELLS}, {"delete", "snapshot", OF_SNAPSHOT, TELLS}, {"delete", "subnet", OF_SUBNET, TELLS},
    {"lose", "*", ITSELF, 0},
};

/* A worker in the list of its own service is the one in the list of all. */
static const char *stands_for(const struct kind *k) { return graph_part_of(k) ? graph_part_of(k) : k->id; }

static size_t row_of(const char *action, const struct kind *k)
{
    const char *kind = stands_for(k);
    size_t i = 0, n = sizeof cuts / sizeof *cuts;
    while (i < n && (strcmp(cuts[i].action, action) || (strcmp(cuts[i].kind, "*") && strcmp(cuts[i].kind, kind))))
        i++;
    return i;
}

void blast_actions(const struct kind *k, struct str *out)
{
    for (size_t i = 0, n = 0; i < sizeof cuts / sizeof *cuts; i++)
        if (!strcmp(cuts[i].kind, stands_for(k)) || !strcmp(cuts[i].kind, "*"))
            str_addf(out, "%s%s", n++ ? strcmp(cuts[i].kind, "*") ? ", " : " or " : "", cuts[i].action);
}

bool blast_in_turns(const char *action)
{
    return !strcmp(action, "drain") || !strcmp(action, "host-drain") || !strcmp(action, "maintenance");
}

bool blast_of_kind(const char *action, const struct kind *k)
{
    size_t i = row_of(action, k);
    return i < sizeof cuts / sizeof *cuts && strcmp(cuts[i].kind, "*") != 0;
}

bool blast_known(const char *action, const struct kind *k)
{
    return row_of(action, k) < sizeof cuts / sizeof *cuts;
}

bool blast_across(const char *action, const struct kind *k)
{
    size_t i = row_of(action, k);
    return i < sizeof cuts / sizeof *cuts && cuts[i].flags & OTHERS;
}

bool blast_tells(const char *action, const struct kind *k)
{
    size_t i = row_of(action, k);
    return i < sizeof cuts / sizeof *cuts && cuts[i].flags & TELLS;
}

bool blast_by_daemon(const struct row *pod) { return !strncmp(pod->owner, "DaemonSet/", 10); }

const char *link_cut_option(const struct cutter *c, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = c->how ? c->how->nargs : 0; i-- > 0;)
        if (!strncmp(c->how->args[i], name, n) && c->how->args[i][n] == '=')
            return c->how->args[i] + n + 1;
    return NULL;
}

bool link_cut_told(const struct cutter *c, const char *name)
{
    const char *v = link_cut_option(c, name);
    return v && strcmp(v, "false") && strcmp(v, "no");
}

size_t blast_cuts(const struct links *l, const char *action, uint32_t node, int64_t keep, struct blast_cut *cut, size_t max, struct str *words)
{
    return blast_cuts_as(l, action, node, &(struct blast_how){.keep = keep}, cut, max, words);
}

size_t blast_cuts_as(const struct links *l, const char *action, uint32_t node, const struct blast_how *how, struct blast_cut *cut, size_t max, struct str *words)
{
    struct cutter c = {.l = l, .cut = cut, .max = max, .how = how};
    int64_t keep = how->keep;
    const struct row *r = links_row(l, node);
    size_t i = r ? row_of(action, r->kind) : 0;
    if (!r || i == sizeof cuts / sizeof *cuts)
        return 0;
    bool pod = link_is(r, "pods"), lose = !strcmp(action, "lose");
    c.back = pod ? (cuts[i].flags & BACK || lose) && managed(r) : (cuts[i].flags & BACK) != 0;
    c.undo = cuts[i].flags & UNDO;
    c.opens = !strcmp(action, "maintenance");
    switch (cuts[i].how) {
    case NOTHING: break;
    case ITSELF:
        if (lose)
            link_cut_lost(&c, node, words);
        else if (blast_serves(r))
            add(&c, node, BLAST_DP, c.back);
        if (pod && c.n && !strcmp(action, "evict"))
            link_cut_evicted(&c, node, words);
        break;
    case FAILED_OVER: failed_over(&c, node, words); break;
    case IN_IT: link_cut_namespace(&c, r, words); break;
    case EXPOSED: link_cut_exposed(&c, node, words); break;
    case CLUSTER: link_cut_cluster(&c, node, words); break;
    case REBUILT:
        add(&c, node, BLAST_DP, true);
        add(&c, node, BLAST_ST, false);
        break;
    case TAINTED: tainted(&c, node, words); break;
    case STORED: link_cut_stored(&c, node, words); break;
    case UNPLUGGED: link_cut_unplugged(&c, node); break;
    case UNROUTED: link_cut_unrouted(&c, node); break;
    case UNNETTED: link_cut_unnetted(&c, node); break;
    case UNADDRESSED: link_cut_unaddressed(&c, node); break;
    case UNBALANCED: link_cut_unbalanced(&c, node); break;
    case LABELLED: link_cut_labelled(&c, node, words); break;
    case DISABLED: link_cut_disabled(&c, node, words); break;
    case UNSERVED: link_cut_unserved(&c, node, words); break;
    case OF_IMAGE: link_cut_image(&c, node, words); break;
    case OF_SNAPSHOT: link_cut_snapshot(&c, node, words); break;
    case OF_SUBNET: link_cut_subnet(&c, node, words); break;
    case RECORD: link_cut_record(&c, node, words); break;
    case MANAGES: add(&c, node, BLAST_CP, c.back); break;
    case SOME_PODS:
        c.keep = keep < 0 ? 0 : (size_t)keep;
        if (keep < 0)
            str_adds(words, "how many pods shall stay is not said: as if none did\n");
        link_pods_of(l, node, add_pod, &c);
        break;
    case ITS_PODS: link_pods_of(l, node, add_pod, &c); break;
    case ROLLED: rolled(&c, node, keep); break;
    case ON_NODE: link_cut_drained(&c, node, words); break;
    case ON_HOST: host_drained(&c, node, words); break;
    }
    if (pod && c.n && !managed(r))
        str_adds(words, "the pod belongs to nobody: it will not come back\n");
    return c.n < max ? c.n : max;
}

const char *blast_harm_word(const struct blast_item *it)
{
    static const char *const words[] = {"none", "degraded", "at risk", "lost"};
    return it->harm == HARM_AT_RISK && it->cls < LINK_B ? "perhaps" : words[it->harm];
}

void blast_group_words(const struct blast_item *it, struct str *out)
{
    if (it->of)
        str_addf(out, ": %u of %u stay, %u needed", it->alive, it->of, it->need);
    if (it->of && it->wants)
        str_addf(out, ", its budget wants %u", it->wants);
}

static void named(const struct links *l, uint32_t node, struct str *out)
{
    const struct row *r = links_row(l, node);
    str_addf(out, "%s %s", r->kind->singular, r->name);
}

void blast_chain(const struct links *l, const struct blast *b, const struct blast_item *it, struct str *out)
{
    named(l, it->node, out);
    for (int depth = 0; it && it->from != it->node && depth < 16; depth++) {
        struct link_edge e;
        uint32_t at;
        str_adds(out, " <- ");
        named(l, it->from, out);
        if (tell_edge(l, it->node, it->from, &e, &at)) {
            str_adds(out, " [");
            links_evidence(l, at, &e, out);
            str_addc(out, ']');
        }
        it = b->worst[it->from] ? &b->item[b->worst[it->from] - 1] : NULL;
    }
}
