/* What a server refuses in workloads and budgets: strategies, deadlines, counts, and what of a stateful set may change. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/kube_sim.h"

#define PERCENT "a valid percent string must be a numeric string followed by an ending '%%' (e.g. '1%%',  or '93%%', regex used for validation is '[0-9]+%%')"

static void not_negative(struct causes *c, const json_t *doc, const char *field)
{
    if (jint(doc, field) < 0)
        cause(c, "FieldValueInvalid", field, "Invalid value: %lld: must be greater than or equal to 0", (long long)jint(doc, field));
}

/* A number or a percentage; -1: neither, and said so. */
static int64_t amount(struct causes *c, const json_t *doc, const char *field)
{
    const json_t *v = jat(doc, field);
    const char *text = json_string_value(v);
    size_t n = text ? strspn(text, "0123456789") : 0;
    if (!v)
        return -1;
    if (text && (!n || strcmp(text + n, "%") != 0)) {
        cause(c, "FieldValueInvalid", field, "Invalid value: \"%s\": " PERCENT, text);
        return -1;
    }
    int64_t value = text ? strtoll(text, NULL, 10) : json_integer_value(v);
    if (value < 0)
        cause(c, "FieldValueInvalid", field, "Invalid value: %lld: must be greater than or equal to 0", (long long)value);
    return value;
}

static void strategy(struct causes *c, const json_t *doc)
{
    const char *type = jstr(doc, "spec.strategy.type");
    const json_t *rolling = jat(doc, "spec.strategy.rollingUpdate");
    if (strcmp(type, "Recreate") == 0) {
        if (rolling)
            cause(c, "FieldValueForbidden", "spec.strategy.rollingUpdate", "Forbidden: may not be specified when strategy `type` is 'Recreate'");
        return;
    }
    if (*type && strcmp(type, "RollingUpdate") != 0) {
        cause(c, "FieldValueNotSupported", "spec.strategy", "Unsupported value: {\"Type\":\"%s\",\"RollingUpdate\":null}: supported values: \"Recreate\", "
              "\"RollingUpdate\"", type);
        return;
    }
    int64_t away = amount(c, doc, "spec.strategy.rollingUpdate.maxUnavailable"), more = amount(c, doc, "spec.strategy.rollingUpdate.maxSurge");
    if (!away && !more)
        cause(c, "FieldValueInvalid", "spec.strategy.rollingUpdate.maxUnavailable", "Invalid value: %s: may not be 0 when `maxSurge` is 0",
              json_is_string(jat(doc, "spec.strategy.rollingUpdate.maxUnavailable")) ? "\"0%\"" : "0");
    if (away > 100 && json_is_string(jat(doc, "spec.strategy.rollingUpdate.maxUnavailable")))
        cause(c, "FieldValueInvalid", "spec.strategy.rollingUpdate.maxUnavailable", "Invalid value: \"%s\": must not be greater than 100%%",
              jstr(doc, "spec.strategy.rollingUpdate.maxUnavailable"));
}

void kube_valid_deployment(struct causes *c, const json_t *doc)
{
    strategy(c, doc);
    not_negative(c, doc, "spec.minReadySeconds");
    not_negative(c, doc, "spec.revisionHistoryLimit");
    if (!jat(doc, "spec.progressDeadlineSeconds"))
        return;
    not_negative(c, doc, "spec.progressDeadlineSeconds");
    if (jint(doc, "spec.progressDeadlineSeconds") <= jint(doc, "spec.minReadySeconds"))
        cause(c, "FieldValueInvalid", "spec.progressDeadlineSeconds", "Invalid value: %lld: must be greater than minReadySeconds",
              (long long)jint(doc, "spec.progressDeadlineSeconds"));
}

void kube_valid_stateful(struct causes *c, const json_t *doc, const json_t *old)
{
    static const char *const may[] = {"replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy",
                                      "minReadySeconds"};
    json_t *a = json_copy(jat(doc, "spec")), *b = json_copy(jat(old, "spec"));
    for (size_t i = 0; i < sizeof(may) / sizeof(may[0]); i++) {
        json_object_del(a, may[i]);
        json_object_del(b, may[i]);
    }
    if (old && !json_equal(a, b))
        cause(c, "FieldValueForbidden", "spec", "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
              "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
    not_negative(c, doc, "spec.updateStrategy.rollingUpdate.partition");
    json_decref(a);
    json_decref(b);
}

static json_t *or_null(const json_t *v)
{
    return v ? json_deep_copy(v) : json_null();
}

void kube_valid_budget(struct causes *c, const json_t *doc)
{
    const char *policy = jstr(doc, "spec.unhealthyPodEvictionPolicy");
    if (jat(doc, "spec.minAvailable") && jat(doc, "spec.maxUnavailable")) {
        char *text = jdump(jt("{'MinAvailable':%j,'Selector':%j,'MaxUnavailable':%j,'UnhealthyPodEvictionPolicy':%j}", or_null(jat(doc, "spec.minAvailable")),
                              or_null(jat(doc, "spec.selector")), or_null(jat(doc, "spec.maxUnavailable")),
                              or_null(jat(doc, "spec.unhealthyPodEvictionPolicy"))));
        cause(c, "FieldValueInvalid", "spec", "Invalid value: %s: minAvailable and maxUnavailable cannot be both set", text);
        json_text_free(text);
    }
    amount(c, doc, "spec.minAvailable");
    amount(c, doc, "spec.maxUnavailable");
    if (*policy && strcmp(policy, "AlwaysAllow") != 0 && strcmp(policy, "IfHealthyBudget") != 0)
        cause(c, "FieldValueNotSupported", "spec.unhealthyPodEvictionPolicy", "Unsupported value: \"%s\": supported values: \"AlwaysAllow\", "
              "\"IfHealthyBudget\"", policy);
}
