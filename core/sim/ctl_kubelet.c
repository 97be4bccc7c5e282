/* The kubelets: sandbox, init containers one after the other, images, containers that start, get ready, crash and come back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl_kubelet.h"
#include "core/sim/world_cause.h"
#include "strata/clock.h"

#define BACKOFF_MS 10000
#define BACKOFF_MAX_MS 300000

int64_t kubelet_delay(struct sim *s, const json_t *pod, const char *what, int low, int high)
{
    char key[64];
    snprintf(key, sizeof(key), SIM_NOTE "%s", what);
    const char *v = ctl_note_str(pod, key);
    int64_t ms = *v && *v != '-' ? strtoll(v, NULL, 10) : low + (int64_t)(sim_rand(s) % (uint64_t)(high - low + 1));
    return ctl_ms(s, ms);
}

bool kubelet_node_works(struct sim *s, const char *node)
{
    struct ctl_node *n = map_get(&s->ctl->nodes, node);
    return n && !n->down;
}

/* ---- what is kept ---- */
static void box_free(struct box *b)
{
    free(b->name);
    free(b->image);
    json_decref(b->status);
}

void ctl_kubelet_forget(struct sim *s, const char *uid)
{
    struct kubelet_pod *k = map_get(&s->ctl->kubelet, uid);
    if (!k)
        return;
    map_del(&s->ctl->kubelet, uid);
    for (size_t i = 0; i < k->n; i++)
        box_free(&k->box[i]);
    free(k->box);
    free(k->ns);
    free(k->name);
    free(k->uid);
    free(k->node);
    free(k->behaviour);
    free(k->sick);
    free(k);
}

struct alarm { char uid[40]; unsigned number; };

static void ring(struct sim *s, void *arg)
{
    struct alarm *a = arg;
    struct kubelet_pod *k = map_get(&s->ctl->kubelet, a->uid);
    if (k && k->alarm == a->number)
        kubelet_work(s, k);
    free(a);
}

static int64_t soonest(const struct kubelet_pod *k)
{
    int64_t at = k->resumed && k->stage == POD_UP ? 0 : k->at;
    if (k->stage == POD_UP && !k->resumed) {
        at = k->probe_at;
        for (size_t i = 0; i < k->n; i++) {
            const struct box *b = &k->box[i];
            at = b->at < at ? b->at : at;
            at = b->end_at < at ? b->end_at : at;
            at = b->ready_at < at ? b->ready_at : at;
        }
    }
    return at;
}

void kubelet_arm(struct sim *s, struct kubelet_pod *k)
{
    int64_t at = soonest(k), now = clock_mono_ms();
    k->alarm++;
    if (at == NEVER)
        return;
    struct alarm *a = sim_alloc(sizeof(*a));
    snprintf(a->uid, sizeof(a->uid), "%s", k->uid);
    a->number = k->alarm;
    sim_after(s, at > now ? at - now : 0, ring, a);
}

/* ---- taking over a pod by what its status says ---- */
static const json_t *status_of(const json_t *pod, const char *list, const char *name)
{
    json_t *all = jat(pod, list);
    for (size_t i = 0; i < json_array_size(all); i++)
        if (strcmp(jstr(json_array_get(all, i), "name"), name) == 0)
            return json_array_get(all, i);
    return NULL;
}

static void adopt_box(struct sim *s, const struct kubelet_pod *k, struct box *b, const json_t *spec, const json_t *status)
{
    int64_t now = clock_mono_ms();
    const char *waiting = jstr(status, "state.waiting.reason");
    *b = (struct box){.name = sim_strdup(jstr(spec, "name")), .image = sim_strdup(jstr(spec, "image")), .at = NEVER, .end_at = NEVER,
                      .ready_at = NEVER, .init = b->init, .sidecar = b->init && strcmp(jstr(spec, "restartPolicy"), "Always") == 0};
    b->status = status ? json_deep_copy(status)
                       : jt("{'name':%s,'state':{'waiting':{'reason':%s}},'lastState':{},'ready':false,'restartCount':0,'image':%s,'imageID':'',"
                            "'started':false}", b->name, k->ninit ? "PodInitializing" : "ContainerCreating", b->image);
    b->st = BOX_NEW;
    if (jat(status, "state.running")) {
        b->st = BOX_RUNNING;
        b->began = now;
        if (!json_is_true(json_object_get(status, "ready")) && !b->init)
            b->ready_at = now;
    } else if (strstr(waiting, "CrashLoop")) {
        int64_t n = jint(status, "restartCount");
        b->st = BOX_BACKOFF;
        b->backoff = n > 5 ? BACKOFF_MAX_MS : BACKOFF_MS << (n > 0 ? n - 1 : 0);
        b->at = now + ctl_ms(s, 1000 + (int64_t)(sim_rand(s) % (uint64_t)b->backoff));
    } else if (strstr(waiting, "ImagePull")) {
        b->st = BOX_PULL_BACKOFF;
        b->backoff = BACKOFF_MAX_MS;
        b->at = now + ctl_ms(s, 1000 + (int64_t)(sim_rand(s) % BACKOFF_MAX_MS));
    } else if (jat(status, "state.terminated")) {
        bool good = jint(status, "state.terminated.exitCode") == 0;
        b->st = b->init && good ? BOX_DONE : BOX_EXITED;
        b->at = b->st == BOX_DONE ? NEVER : now;
    }
}

struct kubelet_pod *kubelet_adopt(struct sim *s, const struct ctl_item *it, const json_t *doc)
{
    json_t *inits = jat(doc, "spec.initContainers"), *mains = jat(doc, "spec.containers");
    struct kubelet_pod *k = sim_alloc(sizeof(*k));
    *k = (struct kubelet_pod){.ns = sim_strdup(it->o->ns), .name = sim_strdup(it->o->name), .uid = sim_strdup(it->o->uid),
                              .node = sim_strdup(it->o->node), .behaviour = sim_strdup(ctl_note_str(doc, SIM_NOTE "behaviour")), .probe_at = NEVER};
    k->ninit = json_array_size(inits);
    k->n = k->ninit + json_array_size(mains);
    k->box = sim_alloc(k->n * sizeof(*k->box));
    k->stage = !*jstr(doc, "status.startTime") ? POD_NEW : !*jstr(doc, "status.podIP") ? POD_SANDBOX : POD_UP;
    k->at = clock_mono_ms() + ctl_ms(s, 40 + (int64_t)(sim_rand(s) % 60));
    for (size_t i = 0; i < k->n; i++) {
        struct box *b = &k->box[i];
        b->init = i < k->ninit;
        const json_t *spec = json_array_get(b->init ? inits : mains, b->init ? i : i - k->ninit);
        adopt_box(s, k, b, spec, status_of(doc, b->init ? "status.initContainerStatuses" : "status.containerStatuses", jstr(spec, "name")));
        if (k->stage == POD_UP && b->init && b->st == BOX_RUNNING && !b->sidecar && strcmp(k->behaviour, "init") != 0)
            b->end_at = clock_mono_ms() + kubelet_delay(s, doc, "init-ms", 500, 1000);
    }
    map_put(&s->ctl->kubelet, k->uid, k);
    return k;
}

/* ---- one container ---- */
static void say(struct sim *s, const json_t *pod, const struct box *b, const char *type, const char *reason, const char *text)
{
    char *field = sim_printf("spec.%s{%s}", b->init ? "initContainers" : "containers", b->name);
    ctl_event(s, pod, type, reason, "kubelet", field, "%s", text);
    free(field);
}

static void say_image(struct sim *s, const json_t *pod, const struct box *b, const char *type, const char *reason, const char *before,
                      const char *after)
{
    char *text = sim_printf("%s\"%s\"%s", before, b->image, after);
    say(s, pod, b, type, reason, text);
    free(text);
}

/* Which images the registry does not have is said by their tag, or by the pod itself. */
static bool no_such_image(const struct kubelet_pod *k, const char *image)
{
    static const char *const marks[] = {"no-such", "nosuch", "does-not-exist", "doesnotexist", "typo", "nonexistent", "broken", "missing"};
    const char *tag = strrchr(image, ':');
    for (size_t i = 0; tag && i < sizeof(marks) / sizeof(marks[0]); i++)
        if (strstr(tag, marks[i]))
            return true;
    return strcmp(k->behaviour, "pull") == 0;
}

static char *pull_error(const struct box *b)
{
    return sim_printf("rpc error: code = NotFound desc = failed to pull and unpack image \"%s\": failed to resolve reference \"%s\": %s: not found",
                      b->image, b->image, b->image);
}

static void begin(struct sim *s, struct kubelet_pod *k, struct box *b, const json_t *pod, int64_t now)
{
    char *key = sim_printf("%s|%s", k->node, b->image);
    bool there = map_get(&s->ctl->images, key) != NULL && !no_such_image(k, b->image);
    if (there) {
        say_image(s, pod, b, "Normal", "Pulled", "Container image ", " already present on machine and can be accessed by the pod");
        b->st = BOX_STARTING;
        b->at = now + kubelet_delay(s, pod, "start-ms", 200, 350);
    } else {
        say_image(s, pod, b, "Normal", "Pulling", "Pulling image ", "");
        b->st = BOX_PULLING;
        b->began = now;
        b->at = now + (no_such_image(k, b->image) ? ctl_ms(s, 900) : kubelet_delay(s, pod, "pull-ms", 1800, 3800));
    }
    free(key);
}

static void pulled(struct sim *s, struct kubelet_pod *k, struct box *b, const json_t *pod, int64_t now)
{
    if (no_such_image(k, b->image)) {
        char *why = pull_error(b), *text = sim_printf("Failed to pull image \"%s\": %s", b->image, why);
        say(s, pod, b, "Warning", "Failed", text);
        say(s, pod, b, "Warning", "Failed", "Error: ErrImagePull");
        kubelet_waiting(b, "ErrImagePull", why);
        b->st = BOX_PULL_FAILED;
        b->at = now + ctl_ms(s, 1500);
        free(text);
        free(why);
        return;
    }
    char *key = sim_printf("%s|%s", k->node, b->image);
    int64_t took = now - b->began;
    char *text = sim_printf("Successfully pulled image \"%s\" in %lld.%03llds (%lld.%03llds including waiting). Image size: %u bytes.", b->image,
                            (long long)took / 1000, (long long)took % 1000, (long long)took / 1000, (long long)took % 1000,
                            40000000u + (unsigned)(hash_bytes(b->image, strlen(b->image)) % 400000000u));
    say(s, pod, b, "Normal", "Pulled", text);
    map_put(&s->ctl->images, key, s->ctl);
    b->backoff = 0;
    b->st = BOX_STARTING;
    b->at = now + kubelet_delay(s, pod, "start-ms", 200, 350);
    free(text);
    free(key);
}

static void pull_later(struct sim *s, struct box *b, const json_t *pod, int64_t now)
{
    char *why = pull_error(b), *text = sim_printf("Back-off pulling image \"%s\": ErrImagePull: %s", b->image, why);
    kubelet_waiting(b, "ImagePullBackOff", text);
    say_image(s, pod, b, "Normal", "BackOff", "Back-off pulling image ", "");
    say(s, pod, b, "Warning", "Failed", "Error: ImagePullBackOff");
    b->backoff = !b->backoff ? BACKOFF_MS : b->backoff * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : b->backoff * 2;
    b->st = BOX_PULL_BACKOFF;
    b->at = now + ctl_ms(s, b->backoff);
    free(text);
    free(why);
}

static const json_t *container_of(const json_t *pod, const char *name)
{
    json_t *all = jat(pod, "spec.containers");
    for (size_t i = 0; i < json_array_size(all); i++)
        if (strcmp(jstr(json_array_get(all, i), "name"), name) == 0)
            return json_array_get(all, i);
    return NULL;
}

/* When a container that has just started will be ready: at once, or as its probe says. */
static int64_t ready_in(struct sim *s, const struct box *b, const json_t *pod)
{
    const json_t *p = jat(container_of(pod, b->name), "readinessProbe");
    if (*ctl_note_str(pod, SIM_NOTE "ready-ms") || !p)
        return kubelet_delay(s, pod, "ready-ms", 0, 0);
    int64_t period = jat(p, "periodSeconds") ? jint(p, "periodSeconds") : 10, wait = jint(p, "initialDelaySeconds") * 1000;
    return ctl_ms(s, wait + 300 + (int64_t)(sim_rand(s) % (uint64_t)(period < 2 ? 700 : 1500)));
}

static int64_t run_for(struct sim *s, const struct kubelet_pod *k, struct box *b, const json_t *pod)
{
    const char *run = ctl_note_str(pod, SIM_NOTE "run-ms"), *code = ctl_note_str(pod, SIM_NOTE "exit-code"), *how = k->behaviour;
    bool once = strcmp(jstr(pod, "metadata.ownerReferences.0.kind"), "Job") == 0, crash = strcmp(how, "crash") == 0, oom = strcmp(how, "oom") == 0;
    bool error = strcmp(how, "error") == 0;
    b->exit_reason = oom ? "OOMKilled" : NULL;
    b->exit_code = *code ? atoi(code) : oom ? 137 : crash || error;
    if (b->init)
        return b->sidecar || strcmp(how, "init") == 0 ? NEVER : kubelet_delay(s, pod, "init-ms", 500, 1000);
    int64_t ms;
    if (!*run && !*how && ctl_command(container_of(pod, b->name), &ms, &b->exit_code))
        return ctl_ms(s, ms);
    if (*run || once || crash || oom || error || strcmp(how, "completed") == 0)
        return crash || oom || error ? kubelet_delay(s, pod, "run-ms", 1500, 3500) : kubelet_delay(s, pod, "run-ms", 3000, 6000);
    return NEVER;
}

static void start(struct sim *s, struct kubelet_pod *k, struct box *b, const json_t *pod, int64_t now)
{
    char id[65], at[32];
    hex_id(s, id, 64);
    char *cid = sim_printf("containerd://%s", id), *digest = sim_printf("%s@sha256:%016llx%016llx%016llx%016llx", b->image,
                (unsigned long long)hash_bytes(b->image, strlen(b->image)), (unsigned long long)hash_bytes(b->image, strlen(b->image) / 2),
                (unsigned long long)hash_bytes(b->image, strlen(b->image) / 3), (unsigned long long)hash_bytes(b->image, strlen(b->image) / 4));
    if (jat(b->status, "state.terminated")) {
        json_object_set(b->status, "lastState", jat(b->status, "state"));
        json_object_set_new(b->status, "restartCount", json_integer(jint(b->status, "restartCount") + 1));
    } else if (jat(b->status, "lastState.terminated")) {
        json_object_set_new(b->status, "restartCount", json_integer(jint(b->status, "restartCount") + 1));
    }
    say(s, pod, b, "Normal", "Created", "Container created");
    say(s, pod, b, "Normal", "Started", "Container started");
    json_object_set_new(b->status, "state", jt("{'running':{'startedAt':%s}}", ctl_now(s, at)));
    json_object_set_new(b->status, "containerID", json_string(cid));
    json_object_set_new(b->status, "imageID", json_string(digest));
    json_object_set_new(b->status, "image", json_string(b->image));
    json_object_set_new(b->status, "started", json_true());
    b->st = BOX_RUNNING;
    b->began = now;
    b->at = NEVER;
    int64_t run = run_for(s, k, b, pod), wait = b->init ? 0 : ready_in(s, b, pod);
    b->end_at = run == NEVER ? NEVER : now + run;
    b->ready_at = strcmp(k->behaviour, "unready") == 0 || k->sick || (b->init && !b->sidecar) ? NEVER : now + wait;
    if (strcmp(k->behaviour, "unready") == 0 && k->probe_at == NEVER)
        k->probe_at = now + ctl_ms(s, 10000);
    json_object_set_new(b->status, "ready", json_boolean(b->ready_at <= now));
    if (b->ready_at <= now)
        b->ready_at = NEVER;
    free(cid);
    free(digest);
}

static bool restarts(const struct box *b, const json_t *pod)
{
    const char *policy = jstr(pod, "spec.restartPolicy");
    bool bad = jint(b->status, "state.terminated.exitCode") != 0;
    if (b->sidecar)
        return true;
    return b->init ? bad && strcmp(policy, "Never") != 0 : strcmp(policy, "OnFailure") == 0 ? bad : strcmp(policy, "Never") != 0;
}

static void ended(struct sim *s, struct box *b, const json_t *pod, int64_t now)
{
    kubelet_exited(s, b, b->exit_code, b->exit_reason);
    b->end_at = b->ready_at = b->at = NEVER;
    if (now - b->began > ctl_ms(s, 600000))                    /* it had run well for long: patience is renewed */
        b->backoff = 0;
    b->st = restarts(b, pod) ? BOX_EXITED : BOX_DONE;
    if (b->st == BOX_EXITED)
        b->at = now + ctl_ms(s, 700);
}

static void again(struct sim *s, struct kubelet_pod *k, struct box *b, const json_t *pod, int64_t now)
{
    if (!restarts(b, pod)) {
        b->st = BOX_DONE;
        b->at = NEVER;
    } else if (!b->backoff) {                                  /* the first time at once */
        b->backoff = BACKOFF_MS;
        begin(s, k, b, pod, now);
    } else {
        int64_t sec = b->backoff / 1000;
        char *wait = sec >= 60 ? sim_printf("%lldm%llds", (long long)sec / 60, (long long)sec % 60) : sim_printf("%llds", (long long)sec);
        char *text = sim_printf("back-off %s restarting failed container=%s pod=%s_%s(%s)", wait, b->name, k->name, k->ns, k->uid);
        char *event = sim_printf("Back-off restarting failed container %s in pod %s_%s(%s)", b->name, k->name, k->ns, k->uid);
        json_object_set(b->status, "lastState", jat(b->status, "state"));
        kubelet_waiting(b, "CrashLoopBackOff", text);
        say(s, pod, b, "Warning", "BackOff", event);
        b->st = BOX_BACKOFF;
        b->at = now + ctl_ms(s, b->backoff);
        b->backoff = b->backoff * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : b->backoff * 2;
        free(wait);
        free(text);
        free(event);
    }
}

/* One due step; true when the status changed. */
static bool box_step(struct sim *s, struct kubelet_pod *k, struct box *b, const json_t *pod, int64_t now)
{
    if (b->st == BOX_RUNNING) {
        if (now >= b->end_at) {
            ended(s, b, pod, now);
            return true;
        }
        if (now >= b->ready_at && !k->sick) {
            b->ready_at = NEVER;
            json_object_set_new(b->status, "ready", json_true());
            return true;
        }
        return false;
    }
    if (now < b->at)
        return false;
    switch (b->st) {
    case BOX_PULLING: pulled(s, k, b, pod, now); return b->st == BOX_PULL_FAILED;
    case BOX_PULL_FAILED: pull_later(s, b, pod, now); return true;
    case BOX_PULL_BACKOFF:
    case BOX_BACKOFF: begin(s, k, b, pod, now); return false;
    case BOX_STARTING: start(s, k, b, pod, now); return true;
    case BOX_EXITED: again(s, k, b, pod, now); return true;
    default: return false;
    }
}

/* ---- the pod ---- */
static bool passed(const struct box *b)
{
    return b->st == BOX_DONE || (b->sidecar && b->st == BOX_RUNNING);
}

/* Init containers go one by one; main containers begin in order, each when the one before it has started or failed to. */
static bool next_boxes(struct sim *s, struct kubelet_pod *k, const json_t *pod, int64_t now)
{
    for (size_t i = 0; i < k->n; i++) {
        struct box *b = &k->box[i];
        if (b->st == BOX_NEW) {
            begin(s, k, b, pod, now);
            return false;
        }
        if (b->init ? !passed(b) : b->st == BOX_PULLING || b->st == BOX_STARTING)
            return false;
    }
    return true;
}

static bool steady(const struct kubelet_pod *k)
{
    bool all_done = true;
    for (size_t i = 0; i < k->n; i++) {
        const struct box *b = &k->box[i];
        bool fine = b->st == BOX_DONE || (b->st == BOX_RUNNING && b->end_at == NEVER && (json_is_true(json_object_get(b->status, "ready")) || b->sidecar));
        if (!fine)
            return false;
        all_done = all_done && b->st == BOX_DONE;
    }
    return !k->sick && (k->probe_at == NEVER || all_done);
}

static void probe(struct sim *s, struct kubelet_pod *k, const json_t *pod, int64_t now)
{
    if (now < k->probe_at)
        return;
    char *text = sim_printf("Readiness probe failed: %s", k->sick ? k->sick : "HTTP probe failed with statuscode: 503");
    say(s, pod, &k->box[k->ninit], "Warning", "Unhealthy", text);
    k->probe_at = now + ctl_ms(s, 10000);
    free(text);
}

static bool sandbox(struct sim *s, struct kubelet_pod *k, const json_t *pod, int64_t now)
{
    if (now < k->at)
        return false;
    if (k->stage == POD_NEW) {
        k->stage = POD_SANDBOX;
        k->at = now + kubelet_delay(s, pod, "sandbox-ms", 400, 700);
        return true;
    }
    if (strcmp(k->behaviour, "creating") == 0) {
        ctl_event(s, pod, "Warning", "FailedMount", "kubelet", NULL, "MountVolume.SetUp failed for volume \"%s\" : configmap \"%s-etc\" not found",
                  "config", jstr(pod, "spec.containers.0.name"));
        k->at = now + ctl_ms(s, 122000);
        return false;
    }
    int64_t wait = cause_mounts(s, pod, k->node);
    if (wait) {
        k->at = now + wait;
        return false;
    }
    k->stage = POD_UP;
    return true;
}

void kubelet_work(struct sim *s, struct kubelet_pod *k)
{
    struct obj *o = ctl_get(s, K_POD, k->ns, k->name);
    int64_t now = clock_mono_ms();
    if (!o || strcmp(o->uid, k->uid) != 0) {
        ctl_kubelet_forget(s, k->uid);
        return;
    }
    if (!kubelet_node_works(s, k->node))
        return;
    json_t *pod = obj_doc(o), *before = NULL;
    if (k->stage >= POD_STOPPING) {
        kubelet_stop_step(s, k, pod, now);
        json_decref(pod);
        return;
    }
    bool changed = k->resumed;
    k->resumed = false;
    if (k->stage != POD_UP)
        changed |= sandbox(s, k, pod, now);
    if (k->stage == POD_UP && strcmp(k->behaviour, "creating") != 0) {
        for (size_t i = 0; i < k->n; i++)
            changed |= box_step(s, k, &k->box[i], pod, now);
        next_boxes(s, k, pod, now);
        probe(s, k, pod, now);
    } else if (k->stage == POD_UP) {
        k->stage = POD_SANDBOX;
        k->at = now + ctl_ms(s, 60000);
    }
    if (changed) {
        before = json_deep_copy(pod);
        kubelet_render(s, k, pod);
    }
    if (k->stage == POD_UP && steady(k))
        ctl_kubelet_forget(s, k->uid);
    else
        kubelet_arm(s, k);
    if (changed && !json_equal(before, pod))
        ctl_put(s, K_POD, json_incref(pod));                   /* last: what follows from it may be about k */
    json_decref(before);
    json_decref(pod);
}

void ctl_kubelet_see(struct sim *s, struct ctl_item *it, const json_t *doc)
{
    struct kubelet_pod *k = map_get(&s->ctl->kubelet, it->o->uid);
    bool over = it->phase == 'S' || it->phase == 'F';
    if (s->ctl->running && it->phase == 'R' && !it->terminating && kubelet_node_works(s, it->o->node))
        ctl_debug_see(s, it, doc);
    if (!s->ctl->running || (!k && !it->terminating && (over || it->ready)) || !kubelet_node_works(s, it->o->node))
        return;
    bool made = !k;
    if (made)
        k = kubelet_adopt(s, it, doc);
    if (it->terminating) {
        kubelet_stop(s, k, doc);
    } else if (made) {
        k->resumed = k->stage == POD_UP;
        if (k->resumed)
            k->probe_at = strcmp(k->behaviour, "unready") == 0 ? clock_mono_ms() + ctl_ms(s, 10000) : NEVER;
        k->alarm++;
        struct alarm *a = sim_alloc(sizeof(*a));
        snprintf(a->uid, sizeof(a->uid), "%s", k->uid);
        a->number = k->alarm;
        sim_after(s, ctl_ms(s, 40 + (int64_t)(sim_rand(s) % 60)), ring, a);
    }
}

void ctl_kubelet_node(struct sim *s, const char *node)
{
    size_t n;
    struct ctl_node *at = map_get(&s->ctl->nodes, node);
    struct ctl_item **pods = ctl_pods_on(s, node, &n);
    for (size_t i = 0; i < n; i++) {
        struct ctl_item *it = pods[i];
        json_t *d = obj_doc(it->o);
        struct kubelet_pod *k = map_get(&s->ctl->kubelet, it->o->uid);
        if (at && at->rebooted && !it->terminating && it->phase == 'R') {
            ctl_pod_crash(s, it->o->ns, it->o->name, 255, "Unknown");
        } else if (k) {
            kubelet_work(s, k);
        } else {
            ctl_kubelet_see(s, it, d);
        }
        json_decref(d);
    }
    free(pods);
}

static struct kubelet_pod *take(struct sim *s, const char *ns, const char *name)
{
    struct obj *o = ctl_get(s, K_POD, ns, name);
    struct ctl_item *it = o ? ctl_item(s, o->uid) : NULL;
    if (!it || !it->node || it->terminating || it->phase != 'R')
        return NULL;
    struct kubelet_pod *k = map_get(&s->ctl->kubelet, o->uid);
    if (!k) {
        json_t *d = obj_doc(o);
        k = kubelet_adopt(s, it, d);
        json_decref(d);
    }
    return k;
}

void ctl_pod_crash(struct sim *s, const char *ns, const char *name, int exit_code, const char *reason)
{
    struct kubelet_pod *k = take(s, ns, name);
    for (size_t i = k ? k->ninit : 0; k && i < k->n; i++) {
        if (k->box[i].st != BOX_RUNNING)
            continue;
        k->box[i].exit_code = exit_code;
        k->box[i].exit_reason = reason;
        k->box[i].end_at = clock_mono_ms();
    }
    if (k)
        kubelet_arm(s, k);
}

void ctl_pod_probe(struct sim *s, const char *ns, const char *name, bool ok, const char *why)
{
    struct kubelet_pod *k = take(s, ns, name);
    if (!k)
        return;
    free(k->sick);
    k->sick = ok ? NULL : sim_strdup(why ? why : "HTTP probe failed with statuscode: 503");
    k->probe_at = ok ? NEVER : clock_mono_ms();
    for (size_t i = k->ninit; i < k->n; i++) {
        struct box *b = &k->box[i];
        if (b->st != BOX_RUNNING)
            continue;
        if (!ok)
            json_object_set_new(b->status, "ready", json_false());
        b->ready_at = ok && !json_is_true(json_object_get(b->status, "ready")) ? clock_mono_ms() : NEVER;
    }
    k->resumed = true;
    kubelet_arm(s, k);
}
