/* The horizontal autoscaler: every 15 s it compares what the pods of a target use with what was asked for, and sets replicas. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "core/sim/kube_sim.h"
#include "strata/clock.h"

#define WINDOW_S 300                                           /* without a behaviour: how long the highest advice counts */
#define TOLERANCE 0.1

static const char controller[] = "horizontal-pod-autoscaler";

struct advice { int64_t at; int replicas; };                   /* wall */
struct hpa_memory { struct advice v[256]; size_t n; };

struct scaling {
    struct sim *s;
    json_t *d;                                                 /* the autoscaler */
    struct obj *target;
    int now, min, max;
    json_t *current;                                           /* status.currentMetrics */
    char why[300];                                             /* of an event of success */
};

/* ---- the target ---- */
static struct obj *target_of(struct sim *s, const json_t *d, char *why, size_t size)
{
    const json_t *ref = jat(d, "spec.scaleTargetRef");
    const char *api = jstr(ref, "apiVersion"), *slash = strchr(api, '/'), *kind = jstr(ref, "kind"), *name = jstr(ref, "name");
    size_t len = slash ? (size_t)(slash - api) : 0;
    for (size_t i = 0; i < s->nres; i++) {
        struct res *r = s->res[i];
        if (strcmp(r->kind, kind) != 0 || strlen(r->group) != len || strncmp(r->group, api, len) != 0 || !kube_has_sub(r, "scale"))
            continue;
        struct obj *o = store_get(r, jstr(d, "metadata.namespace"), name);
        if (!o)
            snprintf(why, size, "%s%s%s \"%s\" not found", r->plural, *r->group ? "." : "", r->group, name);
        return o;
    }
    snprintf(why, size, "no matches for kind \"%s\" in group \"%.*s\"", kind, (int)len, api);
    return NULL;
}

/* ---- what the pods use ---- */
struct use { int64_t used, asked; int with, ready, unready, missing; int64_t missing_asked, unready_asked; bool any; char fault[300]; };

static int64_t request_of(const json_t *container, bool cpu)
{
    const char *v = jstr(container, cpu ? "resources.requests.cpu" : "resources.requests.memory");
    return *v ? ctl_quantity(v, cpu) * (cpu ? 1 : 1000) : -1;  /* thousandths of a core, of a byte */
}

static void add_pod(struct scaling *w, const struct obj *pod, const json_t *doc, bool cpu, const char *only, bool ratio, struct use *u)
{
    json_t *all = jat(doc, "spec.containers"), *c;
    const struct ctl_item *it = ctl_item(w->s, pod->uid);
    int64_t used = 0, asked = 0;
    size_t i;
    if (!it || !ctl_active(it))
        return;
    u->any = true;
    json_array_foreach(all, i, c) {
        const char *name = jstr(c, "name");
        int64_t v = request_of(c, cpu);
        if (*only && strcmp(only, name) != 0)
            continue;
        if (v < 0 && ratio && !*u->fault)
            snprintf(u->fault, sizeof(u->fault), "missing request for %s in container %s of Pod %s", cpu ? "cpu" : "memory", name, pod->name);
        asked += v > 0 ? v : 0;
        used += kube_usage(w->s, pod, doc, name, cpu);
    }
    if (it->phase != 'R') {                                    /* no sample yet */
        u->missing += it->phase != 'P';
        u->unready += it->phase == 'P';
        *(it->phase == 'P' ? &u->unready_asked : &u->missing_asked) += asked;
    } else if (cpu && !it->ready) {
        u->unready++;
        u->unready_asked += asked;
    } else {
        u->ready++;
        u->with++;
        u->used += used;
        u->asked += asked;
    }
}

static void look(struct scaling *w, bool cpu, const char *only, bool ratio, struct use *u)
{
    struct res *pods = ctl_res(w->s, K_POD);
    json_t *t = obj_doc(w->target);
    const json_t *sel = jat(t, "spec.selector");
    const char *ns = w->target->ns;
    *u = (struct use){0};
    for (size_t i = store_from(pods, ns, "", false); i < pods->n && strcmp(pods->items[i]->ns, ns) == 0; i++) {
        if (!ctl_selects(sel, pods->items[i]->labels))
            continue;
        json_t *doc = obj_doc(pods->items[i]);
        add_pod(w, pods->items[i], doc, cpu, only, ratio, u);
        json_decref(doc);
    }
    json_decref(t);
}

static bool within(double ratio)
{
    return fabs(1.0 - ratio) <= TOLERANCE + 1e-9;
}

/* Pods without a sample count as full when it would shrink, as idle when it would grow; pods that are not ready as idle when it would
 * grow; never is the direction turned by them. wanted: of one pod, or percent of what it asks for. */
static int proposal(const struct scaling *w, const struct use *u, int64_t wanted, bool percent)
{
    double ratio = percent ? (double)(u->used * 100 / u->asked) / (double)wanted : (double)(u->used / u->with) / (double)wanted, again;
    bool grow = u->unready && ratio > 1.0;
    if (!grow && !u->missing)
        return within(ratio) ? w->now : (int)ceil(ratio * u->ready - 1e-9);
    int count = u->with + u->missing + (grow ? u->unready : 0);
    int64_t full = percent ? u->missing_asked * (wanted > 100 ? wanted : 100) / 100 : wanted * u->missing;
    int64_t used = u->used + (ratio < 1.0 ? full : 0), asked = u->asked + u->missing_asked + (grow ? u->unready_asked : 0);
    again = percent ? (double)(used * 100 / asked) / (double)wanted : (double)(used / count) / (double)wanted;
    int n = (int)ceil(again * count - 1e-9);
    bool turned = (ratio < 1.0 && again > 1.0) || (ratio > 1.0 && again < 1.0) || (again < 1.0 && n > w->now) || (again > 1.0 && n < w->now);
    return within(again) || turned ? w->now : n;
}

static char *quantity(int64_t milli, bool cpu)
{
    int64_t n = (milli + 999) / 1000;
    if (cpu)
        return milli % 1000 || !milli ? sim_printf(milli ? "%lldm" : "0", (long long)milli) : sim_printf("%lld", (long long)milli / 1000);
    return n % 1048576 == 0 ? sim_printf("%lldMi", (long long)n / 1048576) : n % 1024 == 0 ? sim_printf("%lldKi", (long long)n / 1024)
                                                                           : sim_printf("%lld", (long long)n);
}

/* -1: it cannot be known, and why it says. */
static int metric(struct scaling *w, const json_t *m, char *name, size_t size, char *why, size_t room)
{
    const char *type = jstr(m, "type");
    bool box = strcmp(type, "ContainerResource") == 0;
    const json_t *src = jat(m, box ? "containerResource" : "resource"), *target = jat(src, "target");
    const char *what = jstr(src, "name");
    bool cpu = strcmp(what, "cpu") == 0, percent = !jat(target, "averageValue");
    struct use u;
    if (!src) {
        bool outside = strcmp(type, "External") == 0;
        snprintf(why, room, "unable to get metric: unable to fetch metrics from %s metrics API: the server could not find the requested resource",
                 outside ? "external" : "custom");
        return -1;
    }
    snprintf(name, size, "%s %s%s", what, box ? "container " : "", percent ? "resource utilization (percentage of request)" : "resource");
    look(w, cpu, box ? jstr(src, "container") : "", percent, &u);
    const char *kind = percent ? "utilization" : "usage";
    if (!u.any || !u.with) {
        bool starting = u.any && u.unready;
        snprintf(why, room, "failed to get %s %s: %s%s%s", what, kind, starting ? "" : "unable to get metrics for resource ", starting ? "" : what,
                 starting ? "did not receive metrics for targeted pods (pods might be unready)" : ": no metrics returned from resource metrics API");
        return -1;
    }
    if (*u.fault) {
        snprintf(why, room, "failed to get %s %s: %s", what, kind, u.fault);
        return -1;
    }
    int64_t wanted = percent ? jint(target, "averageUtilization") : ctl_quantity(jstr(target, "averageValue"), cpu) * (cpu ? 1 : 1000);
    if (percent && !u.asked)
        u.asked = 1;
    int n = proposal(w, &u, wanted > 0 ? wanted : 1, percent);
    char *mean = quantity(u.used / u.with, cpu);
    json_t *now = jt("{'averageValue':%s}", mean);
    if (percent)
        json_object_set_new(now, "averageUtilization", json_integer(u.used * 100 / u.asked));
    json_t *about = box ? jt("{'name':%s,'container':%s,'current':%j}", what, jstr(src, "container"), now) : jt("{'name':%s,'current':%j}", what, now);
    json_t *status = jt("{'type':%s}", type);
    json_object_set_new(status, box ? "containerResource" : "resource", about);
    json_array_append_new(w->current, status);
    free(mean);
    return n;
}

static void active(struct scaling *w, const char *status, const char *reason, const char *fmt, const char *arg)
{
    char at[32], *text = sim_printf(fmt, arg);
    ctl_condition(w->d, "ScalingActive", status, reason, text, ctl_now(w->s, at));
    free(text);
}

/* The highest advice of all metrics; -1: none gave one (one that failed forbids to shrink). */
static int advise(struct scaling *w, char *name, size_t size)
{
    json_t *all = jat(w->d, "spec.metrics"), *m;
    char why[400], first[400] = "", which[40] = "", word[120];
    int best = -1, failed = 0;
    size_t i;
    json_array_foreach(all, i, m) {
        int n = metric(w, m, word, sizeof(word), why, sizeof(why));
        if (n < 0 && !failed++) {
            snprintf(first, sizeof(first), "%s", why);
            snprintf(which, sizeof(which), "FailedGet%sMetric", jstr(m, "type"));
            ctl_event(w->s, w->d, "Warning", which, controller, NULL, "%s", why);
            snprintf(w->why, sizeof(w->why), "invalid metrics (%zu invalid out of %zu), first error is: failed to get %s %s metric value: %.120s", i + 1,
                     json_array_size(all), jstr(m, "resource.name"), "resource", why);
        } else if (n > best) {
            best = n;
            snprintf(name, size, "%s", word);
        }
    }
    if (failed && (best < 0 || best < w->now)) {
        active(w, "False", which, "the HPA was unable to compute the replica count: %s", first);
        if (best < 0)
            ctl_event(w->s, w->d, "Warning", "FailedComputeMetricsReplicas", controller, NULL, "%s", w->why);
        return best < 0 ? -1 : w->now;
    }
    active(w, "True", "ValidMetricFound", "the HPA was able to successfully calculate a replica count from %s", name);
    return best;
}

/* ---- what is allowed ---- */
static int window_s(const struct scaling *w, const char *way, int otherwise)
{
    char path[80];
    snprintf(path, sizeof(path), "spec.behavior.%s.stabilizationWindowSeconds", way);
    return jat(w->d, path) ? (int)jint(w->d, path) : otherwise;
}

static struct hpa_memory *memory(struct scaling *w)
{
    const char *uid = jstr(w->d, "metadata.uid");
    struct hpa_memory *m = map_get(&w->s->ctl->hpas, uid);
    if (!m) {
        m = sim_alloc(sizeof(*m));
        m->v[m->n++] = (struct advice){sim_now(w->s), w->now}; /* the size it was found with */
        map_put(&w->s->ctl->hpas, uid, m);
    }
    return m;
}

/* Within the windows: never below the highest advice, never above the lowest. */
static int steady(struct scaling *w, int wanted)
{
    struct hpa_memory *m = memory(w);
    int64_t now = sim_now(w->s), down = ctl_ms(w->s, window_s(w, "scaleDown", WINDOW_S) * 1000LL), up = ctl_ms(w->s, window_s(w, "scaleUp", 0) * 1000LL);
    int high = wanted, low = wanted, out = w->now;
    char at[32];
    for (size_t i = 0; i < m->n; i++) {
        if (now - m->v[i].at < down && m->v[i].replicas > high)
            high = m->v[i].replicas;
        if (now - m->v[i].at < up && m->v[i].replicas < low)
            low = m->v[i].replicas;
    }
    if (m->n == sizeof(m->v) / sizeof(m->v[0]))
        memmove(m->v, m->v + 1, --m->n * sizeof(m->v[0]));
    m->v[m->n++] = (struct advice){now, wanted};
    out = out < low ? low : out;
    out = out > high ? high : out;
    if (out != wanted && out > wanted)
        ctl_condition(w->d, "AbleToScale", "True", "ScaleDownStabilized",
                      "recent recommendations were higher than current one, applying the highest recent recommendation", ctl_now(w->s, at));
    else if (out != wanted)
        ctl_condition(w->d, "AbleToScale", "True", "ScaleUpStabilized",
                      "recent recommendations were lower than current one, applying the lowest recent recommendation", ctl_now(w->s, at));
    else
        ctl_condition(w->d, "AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size", ctl_now(w->s, at));
    return out;
}

/* How far one step may go by the policies of a direction; replicas at the start of a period are those of now. */
static int step(const struct scaling *w, const char *way, bool up)
{
    char path[80];
    snprintf(path, sizeof(path), "spec.behavior.%s", way);
    const json_t *rule = jat(w->d, path), *all = jat(rule, "policies"), *p;
    const char *select = jstr(rule, "selectPolicy");
    bool least = strcmp(select, "Min") == 0;
    int change = least ? INT_MAX : 0;
    size_t i;
    if (strcmp(select, "Disabled") == 0)
        return w->now;
    if (!json_array_size(all))
        return up ? (2 * w->now > 4 ? 2 * w->now : 4) : 0;
    json_array_foreach((json_t *)(uintptr_t)all, i, p) {
        int64_t v = jint(p, "value"), by = strcmp(jstr(p, "type"), "Pods") == 0 ? v : (w->now * v + 99) / 100;
        change = least == (by < change) ? (int)by : change;
    }
    return up ? w->now + change : w->now - change;
}

static int limited(struct scaling *w, int wanted)
{
    int ceiling = step(w, "scaleUp", true), floor_at = step(w, "scaleDown", false), out = wanted;
    char at[32];
    const char *reason = "DesiredWithinRange", *text = "the desired count is within the acceptable range";
    if (wanted < w->min) {
        out = w->min;
        reason = "TooFewReplicas";
        text = "the desired replica count is less than the minimum replica count";
    } else if (wanted > w->max && w->max <= ceiling) {
        out = w->max;
        reason = "TooManyReplicas";
        text = "the desired replica count is more than the maximum replica count";
    } else if (wanted > ceiling) {
        out = ceiling;
        reason = "ScaleUpLimit";
        text = "the desired replica count is increasing faster than the maximum scale rate";
    }
    if (out < w->now && out < floor_at) {
        out = floor_at;
        reason = "ScaleDownLimit";
        text = "the desired replica count is decreasing faster than the maximum scale rate";
    }
    ctl_condition(w->d, "ScalingLimited", out == wanted ? "False" : "True", reason, text, ctl_now(w->s, at));
    return out;
}

static void rescale(struct scaling *w, int to)
{
    char at[32], *text = sim_printf("the HPA controller was able to update the target scale to %d", to);
    json_t *t = obj_doc(w->target);
    jset(t, "spec.replicas", json_integer(to));
    jset(t, "metadata.generation", json_integer(jint(t, "metadata.generation") + 1));
    store_put(w->s, w->target->res, t);
    ctl_condition(w->d, "AbleToScale", "True", "SucceededRescale", text, ctl_now(w->s, at));
    ctl_event(w->s, w->d, "Normal", "SuccessfulRescale", controller, NULL, "New size: %d; reason: %s", to, w->why);
    jset(w->d, "status.lastScaleTime", json_string(ctl_now(w->s, at)));
    free(text);
}

/* The size it should have; -1: nobody can say. */
static int desired(struct scaling *w)
{
    char name[120] = "";
    w->why[0] = 0;
    if (!w->now) {
        active(w, "False", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero%s", "");
        return 0;
    }
    if (w->now > w->max || w->now < w->min) {
        bool above = w->now > w->max;
        snprintf(w->why, sizeof(w->why), "Current number of replicas %s Spec.%sReplicas", above ? "above" : "below", above ? "Max" : "Min");
        return above ? w->max : w->min;
    }
    int want = advise(w, name, sizeof(name));
    if (want < 0)
        return -1;
    if (want > w->now)
        snprintf(w->why, sizeof(w->why), "%s above target", name);
    else if (want < w->now)
        snprintf(w->why, sizeof(w->why), "All metrics below target");
    return limited(w, steady(w, want));
}

static void reconcile(struct sim *s, json_t *d)
{
    char at[32], why[300] = "";
    struct scaling w = {.s = s, .d = d, .min = jat(d, "spec.minReplicas") ? (int)jint(d, "spec.minReplicas") : 1, .max = (int)jint(d, "spec.maxReplicas")};
    w.target = target_of(s, d, why, sizeof(why));
    if (!w.target) {
        char *text = sim_printf("the HPA controller was unable to get the target's current scale: %s", why);
        ctl_event(s, d, "Warning", "FailedGetScale", controller, NULL, "%s", why);
        ctl_condition(d, "AbleToScale", "False", "FailedGetScale", text, ctl_now(s, at));
        free(text);
        return;
    }
    obj_ref(w.target);
    const json_t *t = obj_read(w.target);
    w.now = jat(t, "spec.replicas") ? (int)jint(t, "spec.replicas") : 1;
    w.current = json_array();
    int have = (int)jint(t, "status.replicas");
    ctl_condition(d, "AbleToScale", "True", "SucceededGetScale", "the HPA controller was able to get the target's current scale", ctl_now(s, at));
    int to = desired(&w);
    if (to >= 0 && to != w.now)
        rescale(&w, to);
    json_t *st = jat(d, "status");
    ctl_count(st, "currentReplicas", have, false);
    if (to >= 0)
        ctl_count(st, "desiredReplicas", to, true);
    json_object_set_new(st, "currentMetrics", json_array_size(w.current) ? json_incref(w.current) : json_null());
    json_decref(w.current);
    obj_unref(w.target);
}

void ctl_sync_hpa(struct sim *s, const char *ns, const char *name)
{
    json_t *d = ctl_doc(s, K_HPA, ns, name), *before;
    struct ctl_item *self = d ? ctl_item(s, jstr(d, "metadata.uid")) : NULL;
    if (!self || ctl_deleting(d) || clock_mono_ms() < self->next_try) {     /* an alarm of one that had the same name */
        json_decref(d);
        return;
    }
    self->next_try = clock_mono_ms() + ctl_ms(s, CTL_HPA_MS) / 2;
    before = json_deep_copy(d);
    if (!jat(d, "status"))
        jset(d, "status", json_object());
    reconcile(s, d);
    if (!json_equal(before, d))
        ctl_put(s, K_HPA, json_incref(d));
    json_decref(before);
    json_decref(d);
    ctl_queue_after(s, ctl_ms(s, CTL_HPA_MS), K_HPA, ns, name);
}

void ctl_hpa_forget(struct sim *s, const char *uid)
{
    struct hpa_memory *m = map_get(&s->ctl->hpas, uid);
    if (m)
        map_del(&s->ctl->hpas, uid);
    free(m);
}
