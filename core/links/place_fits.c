/* Does a node take a pod? By its selector, what it requires of its node, and the taints it tolerates; what stands there already is
 * room.c's. */
#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"

static bool tolerates(const char *tolerations, const char *taint, size_t n)
{
    size_t key = strcspn(taint, "=:"), value = strcspn(taint, ":");
    for (const char *t = tolerations; *t; t += strcspn(t, ","), t += *t == ',') {
        size_t len = strcspn(t, ","), k = strcspn(t, "=:,"), v = strcspn(t, ":,");
        bool all = k == 1 && *t == '*', names = all || (k == key && !strncmp(t, taint, key));
        bool means = t[k] != '=' || (v == (value < n ? value : n) && !strncmp(t, taint, v)) || (v == k + 1 && value == key);
        if (names && means && (v == len || (len - v == n - value && !strncmp(t + v, taint + value, n - value))))
            return true;
    }
    return false;
}

/* ---- what it requires of its node: "zone In a,b;disk Exists|.name In n1" ---- */

/* The value of a label; NULL: it has none. */
static const char *label(const char *labels, const char *key, size_t n, size_t *len)
{
    for (const char *s = labels; s && *s; s = (s = strchr(s, ',')) ? s + 1 : NULL)
        if (!strncmp(s, key, n) && s[n] == '=') {
            *len = strcspn(s + n + 1, ",");
            return s + n + 1;
        }
    return NULL;
}

static bool listed(const char *values, const char *end, const char *v, size_t len)
{
    for (const char *p = values; p < end;) {
        const char *comma = memchr(p, ',', (size_t)(end - p));
        size_t n = (size_t)((comma ? comma : end) - p);
        if (n == len && !memcmp(p, v, n))
            return true;
        p += n + 1;
    }
    return values == end && !len;
}

/* One requirement, "KEY OPERATOR [VALUES]", up to end. */
static bool meets(const struct row *node, const char *want, const char *end)
{
    size_t nkey = strcspn(want, " "), nop, len = 0;
    const char *op = want + nkey + (want[nkey] == ' ');
    if (want + nkey >= end)
        return true;
    nop = strcspn(op, " ;|");
    const char *values = op + nop < end && op[nop] == ' ' ? op + nop + 1 : end, *has;
    if (nkey == 5 && !strncmp(want, ".name", 5)) {
        has = node->name;
        len = strlen(has);
    } else {
        has = label(node->labels, want, nkey, &len);
    }
    bool in = has && listed(values, end, has, len);
    if (nop == 2 && !strncmp(op, "In", 2))
        return in;
    if (nop == 5 && !strncmp(op, "NotIn", 5))
        return !in;
    if (nop == 6 && !strncmp(op, "Exists", 6))
        return has != NULL;
    if (nop == 12 && !strncmp(op, "DoesNotExist", 12))
        return !has;
    if (nop == 2 && !strncmp(op, "Gt", 2))
        return has && strtoll(has, NULL, 10) > strtoll(values, NULL, 10);
    if (nop == 2 && !strncmp(op, "Lt", 2))
        return has && strtoll(has, NULL, 10) < strtoll(values, NULL, 10);
    return true;                                /* of a newer server: not known to forbid it */
}

static bool term_holds(const struct row *node, const char *term, const char *end)
{
    for (const char *p = term; p < end;) {
        const char *next = memchr(p, ';', (size_t)(end - p));
        if (!meets(node, p, next ? next : end))
            return false;
        p = next ? next + 1 : end;
    }
    return term < end;                          /* an empty one holds nowhere */
}

static bool chosen(const struct row *node, const char *terms)
{
    for (const char *p = terms; *p;) {
        const char *end = p + strcspn(p, "|");
        if (term_holds(node, p, end))
            return true;
        p = end + (*end == '|');
    }
    return !*terms;
}

bool link_node_chosen(const struct row *node, const struct row *pod)
{
    const char *want = row_column(pod, "node-selector");
    for (size_t n; *want; want += n + (want[n] == ',')) {
        n = strcspn(want, ",");
        if (!link_has_label(node->labels, want, n))
            return false;
    }
    return chosen(node, row_column(pod, "node-affinity"));
}

bool link_terms_hold(const struct row *node, const char *terms) { return chosen(node, terms); }
const char *link_label(const char *labels, const char *key, size_t n, size_t *len) { return label(labels, key, n, len); }

/* What is set with a cordon, and while the node is away for what it was cordoned for. */
static bool of_work(const char *taint)
{
    static const char *const keys[] = {"node.kubernetes.io/unschedulable", "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strncmp(taint, keys[i], strlen(keys[i])))
            return true;
    return false;
}

static bool tolerated(const struct row *node, const struct row *pod, bool open)
{
    const char *taints = row_column(node, "taint-list"), *tolerations = row_column(pod, "tolerations");
    for (size_t n; *taints; taints += n + (taints[n] == ',')) {
        n = strcspn(taints, ",");
        if (!(n > 16 && !strncmp(taints + n - 16, "PreferNoSchedule", 16)) && !(open && of_work(taints)) && !tolerates(tolerations, taints, n))
            return false;
    }
    return true;
}

bool link_taints_tolerated(const struct row *node, const struct row *pod) { return tolerated(node, pod, false); }

enum link_unfit link_takes_open(const struct row *node, const struct row *pod)
{
    return !tolerated(node, pod, true) ? UNFIT_TAINT : !link_node_chosen(node, pod) ? UNFIT_CHOSEN : UNFIT_NOT;
}

enum link_unfit link_takes(const struct row *node, const struct row *pod, bool closed)
{
    const char *status = row_column(node, "status"), *tolerations = row_column(pod, "tolerations");
    static const char cordon[] = "node.kubernetes.io/unschedulable:NoSchedule";
    if (!strncmp(status, "NotReady", 8) || node->health == HEALTH_BAD || node->flags & ROW_DELETING)
        return UNFIT_NOT_READY;
    if ((closed || strstr(status, "SchedulingDisabled")) && !tolerates(tolerations, cordon, sizeof cordon - 1))
        return UNFIT_CORDONED;
    return !link_taints_tolerated(node, pod) ? UNFIT_TAINT : !link_node_chosen(node, pod) ? UNFIT_CHOSEN : UNFIT_NOT;
}

/* Its workload's template names the node: no scheduler is asked, and no other gets it. */
bool link_is_pinned(const struct links *l, const struct row *pod)
{
    uint32_t node = links_find(l, pod->source, pod->kind, pod->uid), top = node == LINK_NO_NODE ? node : link_top_of(l, node);
    const struct row *r = top == LINK_NO_NODE ? NULL : links_row(l, top);
    return r && top != node && kind_column(r->kind, "template-node") >= 0 && *row_column(r, "template-node");
}
