/* Describes pods and pod templates: containers with their states, probes, environment, mounts; volumes. */
#include "core/kube/describe_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "strata/text.h"

/* ---- containers ---- */

static const char *ports(struct desc *d, const json_t *list, const char *key)
{
    struct str s;
    str_init(&s, 0);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *p = json_array_get(list, i);
        const char *name = d_str(d, p, "name");
        str_addf(&s, "%s%" PRId64 "/%s", i ? ", " : "", kube_jint(p, key, 0), d_str_or(d, p, "protocol", "TCP"));
        if (*name)
            str_addf(&s, " (%s)", name);
    }
    const char *r = s.len ? arena_strndup(&d->arena, s.data, s.len) : "<none>";
    str_release(&s);
    return r ? r : "";
}

static void seccomp(struct desc *d, int level, const json_t *o, int local_level)
{
    const char *type = d_str(d, o, "securityContext.seccompProfile.type");
    if (!*type)
        return;
    d_line(d, level, "SeccompProfile:\t%s", type);
    if (!strcmp(type, "Localhost"))
        d_line(d, local_level, "LocalhostProfile:\t%s", d_str(d, o, "securityContext.seccompProfile.localhostProfile"));
}

static void words(struct desc *d, const char *title, const json_t *list)
{
    if (json_array_size(list))
        d_line(d, 2, "%s:", title);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *s = json_string_value(json_array_get(list, i));
        while (s) {
            size_t n = strcspn(s, "\n");
            char *part = arena_strndup(&d->arena, s, n);
            d_line(d, 3, "%s", d_clean(d, part));
            s = s[n] ? s + n + 1 : NULL;
        }
    }
}

static void state(struct desc *d, const char *title, const json_t *st)
{
    static const struct d_row terminated[] = {
        {"Reason", "reason", D_TEXT}, {"Message", "message", D_TEXT}, {"Exit Code", "exitCode", D_ALWAYS},
        {"Signal", "signal", D_TEXT}, {"Started", "startedAt", D_TIME}, {"Finished", "finishedAt", D_TIME}};
    const json_t *v;
    if ((v = json_object_get(st, "running"))) {
        d_line(d, 2, "%s:\tRunning", title);
        d_line(d, 3, "Started:\t%s", d_time(d, v, "startedAt"));
    } else if ((v = json_object_get(st, "terminated"))) {
        d_line(d, 2, "%s:\tTerminated", title);
        d_rows(d, 3, v, terminated, sizeof terminated / sizeof *terminated);
    } else {
        v = json_object_get(st, "waiting");
        d_line(d, 2, "%s:\tWaiting", title);
        if (*d_str(d, v, "reason"))
            d_line(d, 3, "Reason:\t%s", d_str(d, v, "reason"));
        if (*d_str(d, v, "message"))
            d_line(d, 3, "Message:\t%s", d_str(d, v, "message"));
    }
}

static void probe(struct desc *d, const char *title, const json_t *p)
{
    if (!p)
        return;
    char how[600];
    const json_t *http = json_object_get(p, "httpGet"), *tcp = json_object_get(p, "tcpSocket"), *grpc = json_object_get(p, "grpc");
    if (json_object_get(p, "exec")) {
        snprintf(how, sizeof how, "exec [%s]", d_join(d, kube_jget(p, "exec.command"), " "));
    } else if (http) {
        char scheme[16];
        const char *host = d_str(d, http, "host"), *sch = d_str_or(d, http, "scheme", "HTTP"), *path = d_str(d, http, "path");
        snprintf(scheme, sizeof scheme, "%s", sch);
        for (char *c = scheme; *c; c++)
            *c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 0x20) : *c;
        bool v6 = strchr(host, ':') != NULL;
        snprintf(how, sizeof how, "http-get %s://%s%s%s:%s%s%s", scheme, v6 ? "[" : "", host, v6 ? "]" : "", d_str(d, http, "port"),
                 *path && *path != '/' ? "/" : "", path);
    } else if (tcp) {
        snprintf(how, sizeof how, "tcp-socket %s:%s", d_str(d, tcp, "host"), d_str(d, tcp, "port"));
    } else if (grpc) {
        snprintf(how, sizeof how, "grpc <pod>:%s %s", d_str(d, grpc, "port"), d_str(d, grpc, "service"));
    } else {
        snprintf(how, sizeof how, "unknown");
    }
    d_line(d, 2, "%s:\t%s delay=%" PRId64 "s timeout=%" PRId64 "s period=%" PRId64 "s #success=%" PRId64 " #failure=%" PRId64, title,
           how, kube_jint(p, "initialDelaySeconds", 0), kube_jint(p, "timeoutSeconds", 0), kube_jint(p, "periodSeconds", 0),
           kube_jint(p, "successThreshold", 0), kube_jint(p, "failureThreshold", 0));
}

/* The value a fieldRef has in this pod: "metadata.name", "metadata.labels['x']", "status.podIP". */
static const char *field_value(struct desc *d, const json_t *pod, const char *path)
{
    const char *sub = strstr(path, "['");
    if (!sub) {
        const json_t *v = kube_jget(pod, path);
        if (!json_is_object(v) && !json_is_array(v))
            return d_str(d, pod, path);
        return json_is_object(v) ? d_labels_inline(d, v) : d_join(d, v, ",");
    }
    char map[64], key[320];
    size_t n = strlen(sub);
    snprintf(map, sizeof map, "%.*s", (int)(sub - path), path);
    if (n < 5)
        return "";
    snprintf(key, sizeof key, "%.*s", (int)(n - 4), sub + 2);
    return d_clean(d, json_string_value(json_object_get(kube_jget(pod, map), key)));
}

/* "limits.cpu" of the container, in whole units of the divisor (default 1), as the kubelet computes it. */
static const char *resource_value(struct desc *d, const json_t *container, const json_t *ref)
{
    const char *res = d_str(d, ref, "resource"), *dot = strchr(res, '.');
    if (!dot)
        return "";
    char part[24];
    snprintf(part, sizeof part, "%.*s", (int)(dot - res), res);
    const char *q = json_string_value(json_object_get(kube_jget(kube_jget(container, "resources"), part), dot + 1));
    const char *div = kube_jstr(ref, "divisor");
    int64_t v = 0, by = 1000;
    if (q)
        text_parse_quantity(q, strlen(q), &v);
    if (div && !(text_parse_quantity(div, strlen(div), &by) && by > 0))
        by = 1000;
    if (!v && (!strcmp(res, "limits.cpu") || !strcmp(res, "limits.memory")))
        return "node allocatable";
    char buf[32];
    snprintf(buf, sizeof buf, "%" PRId64, v / by + (v % by != 0));
    const char *r = arena_strndup(&d->arena, buf, strlen(buf));
    return r ? r : "";
}

static void env_value(struct desc *d, const char *name, const char *value)
{
    bool first = true;
    do {
        size_t n = strcspn(value, "\n");
        const char *part = d_clean(d, arena_strndup(&d->arena, value, n));
        d_line(d, 3, "%s%s\t%s", first ? name : "", first ? ":" : "", part);
        first = false;
        value = value[n] ? value + n + 1 : NULL;
    } while (value);
}

static void environment(struct desc *d, const json_t *c, const json_t *pod)
{
    const json_t *env = json_object_get(c, "env");
    d_line(d, 2, "Environment:%s", json_array_size(env) ? "" : "\t<none>");
    for (size_t i = 0; i < json_array_size(env); i++) {
        const json_t *e = json_array_get(env, i), *from = json_object_get(e, "valueFrom"), *r;
        const char *name = d_str(d, e, "name"), *value = kube_jstr(e, "value");
        if (!from)
            env_value(d, name, value ? value : "");
        else if ((r = json_object_get(from, "fieldRef")))
            d_line(d, 3, "%s:\t%s (%s:%s)", name, pod ? field_value(d, pod, d_str(d, r, "fieldPath")) : "", d_str(d, r, "apiVersion"),
                   d_str(d, r, "fieldPath"));
        else if ((r = json_object_get(from, "resourceFieldRef")))
            d_line(d, 3, "%s:\t%s (%s)", name, resource_value(d, c, r), d_str(d, r, "resource"));
        else if ((r = json_object_get(from, "secretKeyRef")))
            d_line(d, 3, "%s:\t<set to the key '%s' in secret '%s'>\tOptional: %s", name, d_str(d, r, "key"), d_str(d, r, "name"),
                   d_bool(r, "optional"));
        else if ((r = json_object_get(from, "configMapKeyRef")))
            d_line(d, 3, "%s:\t<set to the key '%s' of config map '%s'>\tOptional: %s", name, d_str(d, r, "key"), d_str(d, r, "name"),
                   d_bool(r, "optional"));
        else if ((r = json_object_get(from, "fileKeyRef")))
            d_line(d, 3, "%s:\t<set to the key '%s' of file '%s'>", name, d_str(d, r, "key"), d_str(d, r, "path"));
    }
}

static void environment_from(struct desc *d, const json_t *c)
{
    const json_t *list = json_object_get(c, "envFrom");
    if (json_array_size(list))
        d_line(d, 2, "Environment Variables from:");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *e = json_array_get(list, i), *cm = json_object_get(e, "configMapRef");
        const json_t *r = cm ? cm : json_object_get(e, "secretRef");
        const char *prefix = d_str(d, e, "prefix");
        d_line(d, 3, "%s\t%s%s%s%s\tOptional: %s", d_str(d, r, "name"), cm ? "ConfigMap" : "Secret", *prefix ? " with prefix '" : "",
               prefix, *prefix ? "'" : "", d_bool(r, "optional"));
    }
}

static void mounts(struct desc *d, const json_t *c)
{
    const json_t *list = json_object_get(c, "volumeMounts"), *devices = json_object_get(c, "volumeDevices");
    size_t n = json_array_size(list);
    d_line(d, 2, "Mounts:%s", n ? "" : "\t<none>");
    bool *done = arena_alloc(&d->arena, n + 1);
    for (size_t k = 0; done && k < n; k++) {          /* by path; a handful */
        size_t best = n;
        for (size_t i = 0; i < n; i++)
            if (!done[i] && (best == n || strcmp(d_str(d, json_array_get(list, i), "mountPath"),
                                                 d_str(d, json_array_get(list, best), "mountPath")) < 0))
                best = i;
        done[best] = true;
        const json_t *m = json_array_get(list, best);
        const char *sub = d_str(d, m, "subPath");
        d_line(d, 3, "%s from %s (%s%s%s%s)", d_str(d, m, "mountPath"), d_str(d, m, "name"),
               json_is_true(json_object_get(m, "readOnly")) ? "ro" : "rw", *sub ? ",path=\"" : "", sub, *sub ? "\"" : "");
    }
    if (json_array_size(devices))
        d_line(d, 2, "Devices:");
    for (size_t i = 0; i < json_array_size(devices); i++)
        d_line(d, 3, "%s from %s", d_str(d, json_array_get(devices, i), "devicePath"), d_str(d, json_array_get(devices, i), "name"));
}

static const json_t *by_name(const json_t *list, const char *name)
{
    for (size_t i = 0; name && i < json_array_size(list); i++) {
        const char *n = kube_jstr(json_array_get(list, i), "name");
        if (n && !strcmp(n, name))
            return json_array_get(list, i);
    }
    return NULL;
}

static void container(struct desc *d, const json_t *c, const json_t *st, const json_t *pod, const char *indent)
{
    const json_t *p = json_object_get(c, "ports");
    const char *s = json_array_size(p) > 1 ? "s" : "";
    d_line(d, 1, "%s%s:", *indent ? " " : "", d_str(d, c, "name"));
    if (st)
        d_line(d, 2, "Container ID:\t%s", d_str(d, st, "containerID"));
    d_line(d, 2, "Image:\t%s", d_str(d, c, "image"));
    if (st)
        d_line(d, 2, "Image ID:\t%s", d_str(d, st, "imageID"));
    d_line(d, 2, "Port%s:\t%s", s, ports(d, p, "containerPort"));
    d_line(d, 2, "Host Port%s:\t%s", s, ports(d, p, "hostPort"));
    seccomp(d, 2, c, 3);
    words(d, "Command", json_object_get(c, "command"));
    words(d, "Args", json_object_get(c, "args"));
    if (st) {
        state(d, "State", json_object_get(st, "state"));
        if (kube_jget(st, "lastState.terminated"))
            state(d, "Last State", json_object_get(st, "lastState"));
        d_line(d, 2, "Ready:\t%s", json_is_true(json_object_get(st, "ready")) ? "True" : "False");
        d_line(d, 2, "Restart Count:\t%" PRId64, kube_jint(st, "restartCount", 0));
    }
    d_resources(d, 2, json_object_get(c, "resources"));
    probe(d, "Liveness", json_object_get(c, "livenessProbe"));
    probe(d, "Readiness", json_object_get(c, "readinessProbe"));
    probe(d, "Startup", json_object_get(c, "startupProbe"));
    environment_from(d, c);
    environment(d, c, pod);
    mounts(d, c);
}

static void containers(struct desc *d, const char *title, const json_t *list, const json_t *statuses, const json_t *pod,
                       const char *indent)
{
    d_line(d, 0, "%s%s:%s", indent, title, json_array_size(list) ? "" : " <none>");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        container(d, c, by_name(statuses, kube_jstr(c, "name")), pod, indent);
    }
}

/* ---- volumes ---- */

static const struct volume_type {
    const char *key, *text;
    struct d_row rows[4];
} volume_types[] = {
    {"hostPath", "HostPath (bare host directory volume)", {{"Path", "path", D_ALWAYS}, {"HostPathType", "type", D_ALWAYS}}},
    {"emptyDir", "EmptyDir (a temporary directory that shares a pod's lifetime)",
     {{"Medium", "medium", D_ALWAYS}, {"SizeLimit", "sizeLimit", D_UNSET}}},
    {"secret", "Secret (a volume populated by a Secret)", {{"SecretName", "secretName", D_ALWAYS}, {"Optional", "optional", D_BOOL}}},
    {"configMap", "ConfigMap (a volume populated by a ConfigMap)", {{"Name", "name", D_ALWAYS}, {"Optional", "optional", D_BOOL}}},
    {"persistentVolumeClaim", "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
     {{"ClaimName", "claimName", D_ALWAYS}, {"ReadOnly", "readOnly", D_BOOL}}},
    {"nfs", "NFS (an NFS mount that lasts the lifetime of a pod)",
     {{"Server", "server", D_ALWAYS}, {"Path", "path", D_ALWAYS}, {"ReadOnly", "readOnly", D_BOOL}}},
    {"cinder", "Cinder (a Persistent Disk resource in OpenStack)",
     {{"VolumeID", "volumeID", D_ALWAYS}, {"FSType", "fsType", D_ALWAYS}, {"ReadOnly", "readOnly", D_BOOL},
      {"SecretRef", "secretRef.name", D_TEXT}}},
    {"csi", "CSI (a Container Storage Interface (CSI) volume source)",
     {{"Driver", "driver", D_ALWAYS}, {"FSType", "fsType", D_ALWAYS}, {"ReadOnly", "readOnly", D_BOOL}}},
    {"image", "Image (a container image or OCI artifact)", {{"Reference", "reference", D_ALWAYS}, {"PullPolicy", "pullPolicy", D_ALWAYS}}},
};

static void projected(struct desc *d, const json_t *v)
{
    const json_t *list = json_object_get(v, "sources"), *s;
    d_line(d, 2, "Type:\tProjected (a volume that contains injected data from multiple sources)");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *src = json_array_get(list, i);
        if ((s = json_object_get(src, "secret"))) {
            d_line(d, 2, "SecretName:\t%s", d_str(d, s, "name"));
            d_line(d, 2, "Optional:\t%s", d_bool(s, "optional"));
        } else if (json_object_get(src, "downwardAPI")) {
            d_line(d, 2, "DownwardAPI:\ttrue");
        } else if ((s = json_object_get(src, "configMap"))) {
            d_line(d, 2, "ConfigMapName:\t%s", d_str(d, s, "name"));
            d_line(d, 2, "Optional:\t%s", d_bool(s, "optional"));
        } else if ((s = json_object_get(src, "serviceAccountToken"))) {
            d_line(d, 2, "TokenExpirationSeconds:\t%s", d_str(d, s, "expirationSeconds"));
        } else {
            d_tree(d, 2, src, NULL);
        }
    }
}

static void downward(struct desc *d, const json_t *v)
{
    const json_t *items = json_object_get(v, "items");
    d_line(d, 2, "Type:\tDownwardAPI (a volume populated by information about the pod)");
    d_line(d, 2, "Items:");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *m = json_array_get(items, i);
        d_line(d, 3, "%s -> %s", d_str_or(d, m, "fieldRef.fieldPath", d_str(d, m, "resourceFieldRef.resource")), d_str(d, m, "path"));
    }
}

static void volume(struct desc *d, const json_t *v)
{
    const json_t *src;
    if ((src = json_object_get(v, "projected"))) {
        projected(d, src);
        return;
    }
    if ((src = json_object_get(v, "downwardAPI"))) {
        downward(d, src);
        return;
    }
    for (size_t i = 0; i < sizeof volume_types / sizeof *volume_types; i++) {
        const struct volume_type *t = &volume_types[i];
        if (!(src = json_object_get(v, t->key)))
            continue;
        size_t n = 0;
        while (n < 4 && t->rows[n].label)
            n++;
        d_line(d, 2, "Type:\t%s", t->text);
        d_rows(d, 2, src, t->rows, n);
        return;
    }
    static const char *const skip[] = {"name", NULL};
    d_tree(d, 2, v, skip);
}

static void volumes(struct desc *d, const json_t *list, const char *indent)
{
    d_line(d, 0, "%sVolumes:%s", indent, json_array_size(list) ? "" : "\t<none>");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        d_line(d, 1, "%s%s:", *indent ? " " : "", d_str(d, v, "name"));
        volume(d, v);
    }
}

static void spread(struct desc *d, const json_t *list, const char *indent)
{
    if (json_array_size(list))
        d_add(d, "%sTopology Spread Constraints:\t", indent);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *t = json_array_get(list, i);
        if (i)
            d_add(d, "%s\t", indent);
        d_add(d, "%s:%s when max skew %" PRId64 " is exceeded", d_str(d, t, "topologyKey"), d_str(d, t, "whenUnsatisfiable"),
              kube_jint(t, "maxSkew", 0));
        if (json_object_get(t, "labelSelector"))
            d_add(d, " for selector %s", d_selector(d, json_object_get(t, "labelSelector")));
        d_add(d, "\n");
    }
}

/* ---- the pod ---- */

static void head(struct desc *d, const json_t *o)
{
    static const struct d_row rows[] = {
        {"Name", "metadata.name", D_ALWAYS}, {"Namespace", "metadata.namespace", D_ALWAYS}, {"Priority", "spec.priority", D_TEXT},
        {"Priority Class Name", "spec.priorityClassName", D_TEXT}, {"Runtime Class Name", "spec.runtimeClassName", D_TEXT},
        {"Service Account", "spec.serviceAccountName", D_TEXT}};
    d_rows(d, 0, o, rows, sizeof rows / sizeof *rows);
    const char *node = d_str(d, o, "spec.nodeName");
    if (*node)
        d_line(d, 0, "Node:\t%s/%s", node, d_str(d, o, "status.hostIP"));
    else
        d_line(d, 0, "Node:\t<none>");
    if (kube_jstr(o, "status.startTime"))
        d_line(d, 0, "Start Time:\t%s", d_time(d, o, "status.startTime"));
    d_labels(d, "Labels", kube_jget(o, "metadata.labels"));
    d_annotations(d, "Annotations", kube_jget(o, "metadata.annotations"));
    const char *phase = d_str(d, o, "status.phase");
    if (kube_jstr(o, "metadata.deletionTimestamp") && strcmp(phase, "Failed") != 0 && strcmp(phase, "Succeeded") != 0) {
        d_line(d, 0, "Status:\tTerminating (lasts %s)", d_age(d, o, "metadata.deletionTimestamp"));
        d_line(d, 0, "Termination Grace Period:\t%ss", d_str(d, o, "metadata.deletionGracePeriodSeconds"));
        if (json_array_size(kube_jget(o, "metadata.finalizers")))
            d_line(d, 0, "Finalizers:\t%s", d_join(d, kube_jget(o, "metadata.finalizers"), ", "));
    } else {
        d_line(d, 0, "Status:\t%s", phase);
    }
    static const struct d_row why[] = {{"Reason", "status.reason", D_TEXT}, {"Message", "status.message", D_TEXT}};
    d_rows(d, 0, o, why, 2);
    seccomp(d, 0, kube_jget(o, "spec"), 0);
    d_line(d, 0, "IP:\t%s", d_str(d, o, "status.podIP"));
    const json_t *ips = kube_jget(o, "status.podIPs");
    d_line(d, 0, "IPs:%s", json_array_size(ips) ? "" : "\t<none>");
    for (size_t i = 0; i < json_array_size(ips); i++)
        d_line(d, 1, "IP:\t%s", d_str(d, json_array_get(ips, i), "ip"));
    if (d_controller(d, o))
        d_line(d, 0, "Controlled By:\t%s", d_controller(d, o));
    if (*d_str(d, o, "status.nominatedNodeName"))
        d_line(d, 0, "NominatedNodeName:\t%s", d_str(d, o, "status.nominatedNodeName"));
}

static void conditions(struct desc *d, const json_t *o)
{
    const json_t *gates = kube_jget(o, "spec.readinessGates"), *list = kube_jget(o, "status.conditions");
    if (json_array_size(gates)) {
        d_line(d, 0, "Readiness Gates:");
        d_line(d, 1, "Type\tStatus");
    }
    for (size_t i = 0; i < json_array_size(gates); i++) {
        const char *type = d_str(d, json_array_get(gates, i), "conditionType"), *status = "<none>";
        for (size_t k = 0; k < json_array_size(list); k++)
            if (!strcmp(d_str(d, json_array_get(list, k), "type"), type))
                status = d_str(d, json_array_get(list, k), "status");
        d_line(d, 1, "%s \t%s ", type, status);
    }
    if (!json_array_size(list))
        return;
    d_line(d, 0, "Conditions:");
    d_line(d, 1, "Type\tStatus");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        d_line(d, 1, "%s \t%s ", d_str(d, c, "type"), d_str(d, c, "status"));
    }
}

/* What the scheduler and the kubelet say about conditions that are not met; kubectl leaves this out. */
static void troubles(struct desc *d, const json_t *o)
{
    const json_t *list = kube_jget(o, "status.conditions");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        const char *message = d_str(d, c, "message");
        if (!strcmp(d_str(d, c, "type"), "ContainersReady") || !strcmp(d_str(d, c, "reason"), "PodCompleted"))
            continue;                             /* said by Ready, nothing wrong */
        if (!strcmp(d_str(d, c, "status"), "False") && *message)
            d_line(d, 0, "%s:\t%s: %s", d_str(d, c, "type"), d_str_or(d, c, "reason", "False"), message);
    }
}

void d_pod(struct desc *d)
{
    const json_t *o = d->obj, *list;
    head(d, o);
    if (kube_jget(o, "spec.resources")) {
        d_line(d, 0, "Resources:");
        d_resources(d, 1, kube_jget(o, "spec.resources"));
    }
    if (json_array_size(list = kube_jget(o, "spec.initContainers")))
        containers(d, "Init Containers", list, kube_jget(o, "status.initContainerStatuses"), o, "");
    containers(d, "Containers", kube_jget(o, "spec.containers"), kube_jget(o, "status.containerStatuses"), o, "");
    if (json_array_size(list = kube_jget(o, "spec.ephemeralContainers")))
        containers(d, "Ephemeral Containers", list, kube_jget(o, "status.ephemeralContainerStatuses"), o, "");
    conditions(d, o);
    volumes(d, kube_jget(o, "spec.volumes"), "");
    d_line(d, 0, "QoS Class:\t%s", d_str(d, o, "status.qosClass"));
    d_labels(d, "Node-Selectors", kube_jget(o, "spec.nodeSelector"));
    d_tolerations(d, "Tolerations", kube_jget(o, "spec.tolerations"));
    spread(d, kube_jget(o, "spec.topologySpreadConstraints"), "");
    troubles(d, o);
}

void d_template(struct desc *d, const json_t *t)
{
    const json_t *spec = json_object_get(t, "spec");
    d_line(d, 0, "Pod Template:");
    if (!t) {
        d_line(d, 1, "<unset>");
        return;
    }
    d_labels(d, "  Labels", kube_jget(t, "metadata.labels"));
    if (json_object_size(kube_jget(t, "metadata.annotations")))
        d_annotations(d, "  Annotations", kube_jget(t, "metadata.annotations"));
    if (*d_str(d, spec, "serviceAccountName"))
        d_line(d, 1, "Service Account:\t%s", d_str(d, spec, "serviceAccountName"));
    if (json_array_size(json_object_get(spec, "initContainers")))
        containers(d, "Init Containers", json_object_get(spec, "initContainers"), NULL, NULL, "  ");
    containers(d, "Containers", json_object_get(spec, "containers"), NULL, NULL, "  ");
    volumes(d, json_object_get(spec, "volumes"), "  ");
    spread(d, json_object_get(spec, "topologySpreadConstraints"), "  ");
    if (*d_str(d, spec, "priorityClassName"))
        d_line(d, 1, "Priority Class Name:\t%s", d_str(d, spec, "priorityClassName"));
    d_labels(d, "  Node-Selectors", json_object_get(spec, "nodeSelector"));
    d_tolerations(d, "  Tolerations", json_object_get(spec, "tolerations"));
}
