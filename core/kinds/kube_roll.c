/* How many pods of a workload are away at a time while a change is rolled out; see the header. */
#include "core/kinds/kube_roll.h"

#include <stdlib.h>

#define F_SHARE(name, no) {.json = name, .proto = no, .type = WIRE_INTSTR}

enum { HOW_AWAY, HOW_MORE };
static const struct wire_field how_fields[] = {F_SHARE("maxUnavailable", 1), F_SHARE("maxSurge", 2)};
static const struct wire_schema how = KUBE_SCHEMA(how_fields);
static const struct wire_field roll_fields[] = {F_STR("type", 1), F_MSG("rollingUpdate", 2, how)};
const struct wire_schema kube_roll = KUBE_SCHEMA(roll_fields);

static const struct wire_field set_how_fields[] = {F_INT("partition", 1), F_SHARE("maxUnavailable", 2)};
static const struct wire_schema set_how = KUBE_SCHEMA(set_how_fields);
static const struct wire_field set_fields[] = {F_STR("type", 1), F_MSG("rollingUpdate", 2, set_how)};
const struct wire_schema kube_roll_set = KUBE_SCHEMA(set_fields);

/* "25%" or a number, of all; at most all. */
static int64_t share(const char *text, int64_t all, bool up, int64_t none)
{
    char *end = NULL;
    long n = text ? strtol(text, &end, 10) : 0;
    if (!text || end == text || n < 0 || n > INT32_MAX)
        return none < all ? none : all;
    int64_t of = *end == '%' ? (all * n + (up ? 99 : 0)) / 100 : n;
    return of < all ? of : all;
}

int64_t kube_roll_deployment(const struct wire_obj *strategy, int64_t all)
{
    const struct wire_obj *r = wire_sub(strategy, ROLL_HOW);
    if (kube_is(wire_str(strategy, ROLL_TYPE), "Recreate"))
        return all;
    int64_t away = share(wire_str(r, HOW_AWAY), all, false, 0);
    bool more = !wire_str(r, HOW_MORE) || share(wire_str(r, HOW_MORE), all, true, 0) > 0;
    return away || more ? away : share("1", all, false, 0);     /* neither one less nor one more would never end */
}

int64_t kube_roll_daemon(const struct wire_obj *strategy, int64_t all)
{
    const struct wire_obj *r = wire_sub(strategy, ROLL_HOW);
    return kube_is(wire_str(strategy, ROLL_TYPE), "OnDelete") ? 0 : share(wire_str(r, HOW_AWAY), all, true, 1);
}

int64_t kube_roll_stateful(const struct wire_obj *strategy, int64_t all)
{
    const struct wire_obj *r = wire_sub(strategy, ROLL_HOW);
    int64_t away = share(wire_str(r, ROLL_SET_AWAY), all, false, 1), rolled = all - wire_num(r, ROLL_SET_PARTITION, 0);
    if (kube_is(wire_str(strategy, ROLL_TYPE), "OnDelete") || rolled <= 0)
        return 0;
    away = away ? away : 1;
    return away < rolled ? away : rolled;
}
