/* What a pod requires of its node; see the header. */
#include "core/kinds/kube_affinity.h"
#include "core/kinds/kube_beside.h"

#include <string.h>

enum { WANT_KEY, WANT_OPERATOR, WANT_VALUES };
static const struct wire_field want_fields[] = {F_STR("key", 1), F_STR("operator", 2), F_STRS("values", 3)};
static const struct wire_schema want = KUBE_SCHEMA(want_fields);

enum { TERM_LABELS, TERM_FIELDS };
static const struct wire_field term_fields[] = {F_MSGS("matchExpressions", 1, want), F_MSGS("matchFields", 2, want)};
static const struct wire_schema term = KUBE_SCHEMA(term_fields);
static const struct wire_field chosen_fields[] = {F_MSGS("nodeSelectorTerms", 1, term)};
static const struct wire_schema chosen = KUBE_SCHEMA(chosen_fields);
static const struct wire_field node_fields[] = {F_MSG("requiredDuringSchedulingIgnoredDuringExecution", 1, chosen)};
static const struct wire_schema node = KUBE_SCHEMA(node_fields);
static const struct wire_field affinity_fields[] = {F_MSG("nodeAffinity", 1, node), F_MSG("podAffinity", 2, kube_beside), F_MSG("podAntiAffinity", 3, kube_beside)};
const struct wire_schema kube_affinity = KUBE_SCHEMA(affinity_fields);

static size_t wants(const struct wire_val *v, size_t said, struct str *out)
{
    for (; v; v = v->next, said++) {
        const char *key = wire_str(v->obj, WANT_KEY), *op = wire_str(v->obj, WANT_OPERATOR);
        str_addf(out, "%s%s %s", said ? ";" : "", !key ? "" : !strncmp(key, "metadata.", 9) ? key + 8 : key, op ? op : "");
        for (const struct wire_val *x = wire_list(v->obj, WANT_VALUES); x; x = x->next)
            str_addf(out, "%s%s", x == wire_list(v->obj, WANT_VALUES) ? " " : ",", x->s ? x->s : "");
    }
    return said;
}

void kube_affinity_text(const struct wire_obj *affinity, struct str *out)
{
    const struct wire_val *terms = wire_list(wire_sub(wire_sub(affinity, 0), 0), 0);
    for (const struct wire_val *v = terms; v; v = v->next) {
        str_adds(out, v == terms ? "" : "|");
        wants(wire_list(v->obj, TERM_FIELDS), wants(wire_list(v->obj, TERM_LABELS), 0, out), out);
    }
}
