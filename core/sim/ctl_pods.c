/* Birth of pods: what the API server adds to them, what a template makes of them, who adopts whom. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "core/sim/kube_sim.h"
#include "strata/clock.h"

struct dflt { const char *key, *json; };

static void fill(json_t *o, const struct dflt *d, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!json_object_get(o, d[i].key))
            json_object_set_new(o, d[i].key, jt(d[i].json));
}

static void container_defaults(json_t *all)
{
    static const struct dflt d[] = {{"resources", "{}"}, {"terminationMessagePath", "'/dev/termination-log'"}, {"terminationMessagePolicy", "'File'"}};
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *c = json_array_get(all, i), *ports = jat(c, "ports");
        const char *image = jstr(c, "image"), *tag = strrchr(image, ':'), *slash = strrchr(image, '/');
        bool latest = !strchr(image, '@') && (!tag || (slash && slash > tag) || strcmp(tag, ":latest") == 0);
        if (!json_object_get(c, "imagePullPolicy"))
            json_object_set_new(c, "imagePullPolicy", json_string(latest ? "Always" : "IfNotPresent"));
        fill(c, d, sizeof(d) / sizeof(d[0]));
        for (size_t k = 0; k < json_array_size(ports); k++)
            if (!jat(json_array_get(ports, k), "protocol"))
                json_object_set_new(json_array_get(ports, k), "protocol", json_string("TCP"));
    }
}

static bool has_toleration(const json_t *all, const char *key)
{
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *t = json_array_get(all, i);
        const char *k = jstr(t, "key"), *effect = jstr(t, "effect");
        if ((strcmp(k, key) == 0 || !*k) && (strcmp(effect, "NoExecute") == 0 || !*effect))
            return true;
    }
    return false;
}

void ctl_pod_defaults(json_t *pod)
{
    static const struct dflt d[] = {
        {"restartPolicy", "'Always'"}, {"terminationGracePeriodSeconds", "30"}, {"dnsPolicy", "'ClusterFirst'"}, {"securityContext", "{}"},
        {"schedulerName", "'default-scheduler'"}, {"enableServiceLinks", "true"}, {"preemptionPolicy", "'PreemptLowerPriority'"}, {"priority", "0"},
        {"serviceAccountName", "'default'"}, {"tolerations", "[]"},
    };
    static const char *const lost[] = {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"};
    json_t *spec = jat(pod, "spec");
    fill(spec, d, sizeof(d) / sizeof(d[0]));
    if (!json_object_get(spec, "serviceAccount"))
        json_object_set(spec, "serviceAccount", json_object_get(spec, "serviceAccountName"));
    container_defaults(json_object_get(spec, "containers"));
    container_defaults(json_object_get(spec, "initContainers"));
    json_t *tolerations = json_object_get(spec, "tolerations");
    for (size_t i = 0; i < 2; i++)
        if (!has_toleration(tolerations, lost[i]))
            json_array_append_new(tolerations, jt("{'key':%s,'operator':'Exists','effect':'NoExecute','tolerationSeconds':300}", lost[i]));
    if (!*jstr(pod, "status.phase"))
        jset(pod, "status.phase", json_string("Pending"));
    if (!*jstr(pod, "status.qosClass"))
        jset(pod, "status.qosClass", json_string(ctl_qos(spec)));
    if (!jint(pod, "metadata.generation"))
        jset(pod, "metadata.generation", json_integer(1));
}

json_t *ctl_template_pod(struct sim *s, const json_t *owner, const char *owner_kind, const char *name)
{
    char at[32], tail[6], *prefix = sim_printf("%s-", jstr(owner, "metadata.name")), *made = NULL;
    json_t *tmpl = jat(owner, "spec.template"), *labels = json_deep_copy(jat(tmpl, "metadata.labels"));
    json_t *notes = json_deep_copy(jat(tmpl, "metadata.annotations")), *fins = json_deep_copy(jat(tmpl, "metadata.finalizers"));
    if (!name)
        name = made = sim_printf("%s%s", prefix, suffix5(s, tail));
    json_t *pod = jt("{'kind':'Pod','apiVersion':'v1','metadata':{'name':%s,'generateName':%s,'namespace':%s,'creationTimestamp':%s,'generation':1}}",
                     name, prefix, jstr(owner, "metadata.namespace"), ctl_now(s, at));
    json_t *meta = json_object_get(pod, "metadata");
    json_object_set_new(meta, "labels", labels ? labels : json_object());  /* set, not in the template: that would read them as text again */
    json_object_set_new(meta, "ownerReferences", ctl_owner_refs(owner, owner_kind));
    json_object_set_new(pod, "spec", json_deep_copy(jat(tmpl, "spec")));
    if (json_object_size(notes))
        jset(pod, "metadata.annotations", json_incref(notes));
    if (json_array_size(fins))
        jset(pod, "metadata.finalizers", json_incref(fins));
    json_decref(notes);
    json_decref(fins);
    free(prefix);
    free(made);
    return pod;
}

struct obj *ctl_create_pod(struct sim *s, const json_t *owner, json_t *pod, char **why)
{
    struct ctl_item *up = ctl_item(s, jstr(owner, "metadata.uid"));
    int64_t now = clock_mono_ms();
    *why = NULL;
    if (up && up->next_try > now) {
        json_decref(pod);
        return NULL;
    }
    kube_default(s, ctl_res(s, K_POD), pod, NULL);             /* as if it had come through the API */
    char *text = ctl_of(s)->running ? ctl_quota_against(s, ctl_res(s, K_POD), pod) : NULL;
    if (!text || !up) {
        free(text);
        if (up)
            up->tries = 0;
        return ctl_put(s, K_POD, pod);
    }
    *why = sim_printf("pods \"%s\" is forbidden: %s", jstr(pod, "metadata.name"), text);
    int64_t wait = ctl_ms(s, 250LL << (up->tries < 12 ? up->tries : 12));
    up->next_try = now + wait;
    up->tries++;
    ctl_queue_after(s, wait + 5, up->kind, up->o->ns, up->o->name);
    free(text);
    json_decref(pod);
    return NULL;
}

json_t *ctl_new_pod(struct sim *s, const json_t *owner, const char *owner_kind, const char *name)
{
    json_t *pod = ctl_template_pod(s, owner, owner_kind, name);
    ctl_pod_defaults(pod);
    return pod;
}

void ctl_pods_matching(struct sim *s, const json_t *owner, const char *owner_kind)
{
    const char *uid = jstr(owner, "metadata.uid"), *ns = jstr(owner, "metadata.namespace");
    json_t *sel = jat(owner, "spec.selector");
    size_t n;
    if (ctl_empty_selector(sel))
        return;
    struct ctl_item **mine = ctl_owned(s, uid, K_POD, &n);
    for (size_t i = 0; i < n; i++) {
        if (mine[i]->terminating || ctl_selects(sel, mine[i]->o->labels))
            continue;
        json_t *d = obj_doc(mine[i]->o);                       /* released: its labels say it is somebody else's now */
        json_object_del(jat(d, "metadata"), "ownerReferences");
        ctl_put(s, K_POD, d);
    }
    free(mine);
    struct ctl_set *set = map_get(&s->ctl->orphans, ns);
    for (size_t i = 0; set && i < set->n; i++) {
        struct ctl_item *it = set->v[i];
        if (!ctl_active(it) || !ctl_selects(sel, it->o->labels) || ctl_deleting(owner))
            continue;
        json_t *d = obj_doc(it->o);
        jset(d, "metadata.ownerReferences", ctl_owner_refs(owner, owner_kind));
        ctl_put(s, K_POD, d);
        set = map_get(&s->ctl->orphans, ns);                   /* it left the set, another took its place */
        i--;
    }
}
