/* What a scenario can do to the world: one row an action; with "for TIME" at the end its opposite follows by itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "core/sim/nova.h"
#include "core/sim/ostk_sim.h"
#include "core/sim/scenario.h"
#include "core/sim/world_cause.h"

enum { WORDS = 8 };
struct call { struct world *w; struct sim *s; char *arg[WORDS]; int n; char *undo; };   /* undo: words of the opposite, made by the action */

/* ---- pods ---- */
/* A running pod whose name begins so; with several, any of them. */
static struct ctl_item *pod_like(struct sim *s, const char *ns, const char *prefix)
{
    struct res *pods = ctl_res(s, K_POD);
    struct ctl_item *found = NULL;
    int n = 0;
    for (size_t i = store_from(pods, ns, prefix, false); i < pods->n && strcmp(pods->items[i]->ns, ns) == 0; i++) {
        if (strncmp(pods->items[i]->name, prefix, strlen(prefix)) != 0)
            break;
        struct ctl_item *it = ctl_item(s, pods->items[i]->uid);
        if (it && ctl_active(it) && sim_rand(s) % (uint64_t)++n == 0)
            found = it;
    }
    return found;
}

static bool delete_pod(struct call *c)
{
    struct ctl_item *it = pod_like(c->s, c->arg[1], c->arg[2]);
    return it && (ctl_delete(c->s, it->o, &(struct ctl_delete){-1, NULL}), true);
}

static bool crash_pod(struct call *c)
{
    struct ctl_item *it = pod_like(c->s, c->arg[1], c->arg[2]);
    if (it)
        ctl_pod_crash(c->s, it->o->ns, it->o->name, 137, "OOMKilled");
    return it != NULL;
}

static bool probe_fails(struct call *c)
{
    struct ctl_item *it = pod_like(c->s, c->arg[1], c->arg[2]);
    if (!it)
        return false;
    c->undo = sim_printf("probe-works %s %s %s", c->s->name, it->o->ns, it->o->name);
    ctl_pod_probe(c->s, it->o->ns, it->o->name, false, "Readiness probe failed: HTTP probe failed with statuscode: 503");
    return true;
}

static bool probe_works(struct call *c)
{
    ctl_pod_probe(c->s, c->arg[1], c->arg[2], true, NULL);
    return true;
}

/* ---- workloads ---- */
static json_t *workload(struct call *c, enum ctl_kind *kind)
{
    static const enum ctl_kind kinds[] = {K_DEPLOYMENT, K_STATEFULSET, K_DAEMONSET};
    json_t *d = NULL;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !d; i++)
        d = ctl_doc(c->s, *kind = kinds[i], c->arg[1], c->arg[2]);
    return d;
}

static void changed(struct call *c, enum ctl_kind kind, json_t *d)
{
    jset(d, "metadata.generation", json_integer(jint(d, "metadata.generation") + 1));
    ctl_put(c->s, kind, d);
}

static bool set_image(struct call *c)
{
    enum ctl_kind kind;
    json_t *d = workload(c, &kind);
    if (!d)
        return false;
    const char *old = jstr(d, "spec.template.spec.containers.0.image"), *tag = strrchr(old, ':');
    char *image = c->arg[3][0] == ':' && tag ? sim_printf("%.*s%s", (int)(tag - old), old, c->arg[3]) : sim_strdup(c->arg[3]);
    c->undo = sim_printf("image %s %s %s %s", c->s->name, c->arg[1], c->arg[2], old);
    jset(d, "spec.template.spec.containers.0.image", json_string(image));
    /* a seed's workload that was told to fail with its image works with another, and the other way round */
    if (strstr(image, "no-such"))
        ctl_set_note(jat(d, "spec.template"), SIM_NOTE "behaviour", "pull");
    else if (jat(d, "spec.template.metadata.annotations"))
        json_object_del(jat(d, "spec.template.metadata.annotations"), SIM_NOTE "behaviour");
    free(image);
    changed(c, kind, d);
    return true;
}

static bool scale(struct call *c)
{
    enum ctl_kind kind;
    json_t *d = workload(c, &kind);
    if (!d || kind == K_DAEMONSET) {
        json_decref(d);
        return false;
    }
    c->undo = sim_printf("scale %s %s %s %lld", c->s->name, c->arg[1], c->arg[2], (long long)jint(d, "spec.replicas"));
    jset(d, "spec.replicas", json_integer(strtol(c->arg[3], NULL, 10)));
    changed(c, kind, d);
    return true;
}

/* ---- machines and servers ---- */
static bool node_down(struct call *c)
{
    if (!ctl_get(c->s, K_NODE, "", c->arg[1]))
        return false;
    ctl_node_down(c->s, c->arg[1]);
    return true;
}

static bool node_up(struct call *c)
{
    if (!ctl_get(c->s, K_NODE, "", c->arg[1]))
        return false;
    ctl_node_up(c->s, c->arg[1], false);
    return true;
}

static bool host_down(struct call *c) { return cause_host_down(c->w, c->arg[0]); }
static bool host_up(struct call *c) { return cause_host_up(c->w, c->arg[0]); }
/* Its pod or process is new: what it was busy with is lost. */
static bool compute_restart(struct call *c)
{
    if (!nova_compute(c->w->cloud, c->arg[0]))
        return false;
    nova_service_dead(c->w->cloud, "nova-compute", c->arg[0]);
    nova_service_up(c->w->cloud, "nova-compute", c->arg[0]);
    return true;
}

static bool server_stop(struct call *c) { return cause_server(c->w, c->arg[0], false); }
static bool server_start(struct call *c) { return cause_server(c->w, c->arg[0], true); }
static bool server_reboot(struct call *c) { return nova_guest(c->w->cloud, "reboot", c->arg[0]); }
static bool server_resize(struct call *c) { return nova_guest(c->w->cloud, "resize", c->arg[0]); }
static bool server_error(struct call *c) { return nova_guest(c->w->cloud, "error", c->arg[0]); }
static bool server_soft_delete(struct call *c) { return nova_guest(c->w->cloud, "soft-delete", c->arg[0]); }

static bool migration(struct call *c)
{
    c->undo = sim_printf("migration fine %s", c->arg[1]);
    return nova_trouble(c->w->cloud, c->arg[0], c->arg[1]);
}

static bool upkeep(struct call *c) { return ctl_upkeep(c->s, c->arg[1]); }

static bool agent_stop(struct call *c)
{
    if (strncmp(c->arg[0], "nova-", 5) == 0)
        nova_service_dead(c->w->cloud, c->arg[0], c->arg[1]);
    else
        neutron_agent_stop(c->w->cloud, c->arg[0], c->arg[1], 0);
    return true;
}

static bool agent_start(struct call *c)
{
    if (strncmp(c->arg[0], "nova-", 5) == 0)
        nova_service_up(c->w->cloud, c->arg[0], c->arg[1]);
    else
        neutron_agent_start(c->w->cloud, c->arg[0], c->arg[1]);
    return true;
}

/* cluster: the first argument is one */
static const struct action { const char *name; int args; bool cluster; bool (*run)(struct call *c); const char *opposite; } actions[] = {
    {"delete-pod", 3, true, delete_pod, NULL},        {"crash-pod", 3, true, crash_pod, NULL},
    {"probe-fails", 3, true, probe_fails, ""},        {"probe-works", 3, true, probe_works, NULL},
    {"image", 4, true, set_image, ""},                {"scale", 4, true, scale, ""},
    {"node-down", 2, true, node_down, "node-up"},     {"node-up", 2, true, node_up, NULL},
    {"host-down", 1, false, host_down, "host-up"},    {"host-up", 1, false, host_up, NULL},
    {"server-stop", 1, false, server_stop, "server-start"}, {"server-start", 1, false, server_start, NULL},
    {"compute-restart", 1, false, compute_restart, NULL},
    {"server-reboot", 1, false, server_reboot, NULL},       {"server-resize", 1, false, server_resize, NULL},
    {"server-error", 1, false, server_error, NULL},         {"server-soft-delete", 1, false, server_soft_delete, NULL},
    {"migration", 2, false, migration, ""},                 {"upkeep", 2, true, upkeep, NULL},
    {"agent-stop", 2, false, agent_stop, "agent-start"},    {"agent-start", 2, false, agent_start, NULL},
};

static const struct action *split(char *text, struct call *c, int64_t *for_ms)
{
    const struct action *a = NULL;
    char *rest = text, *word, *name = strsep(&rest, " ");
    *for_ms = 0;
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (strcmp(actions[i].name, name) == 0)
            a = &actions[i];
    while (a && (word = strsep(&rest, " ")) && c->n < WORDS)
        if (*word)
            c->arg[c->n++] = word;
    if (a && a->run == migration && c->n && !nova_trouble_knows(c->arg[0]))
        return NULL;
    if (!a || (c->n != a->args && !(a->opposite && c->n == a->args + 2 && strcmp(c->arg[a->args], "for") == 0)))
        return NULL;
    if (c->n > a->args) {
        char *end;
        *for_ms = strtoll(c->arg[a->args + 1], &end, 10) * (*end == 'm' ? 60000 : 1000);
        if (*for_ms <= 0)
            return NULL;
    }
    return a;
}

/* Cuts "ACTION | WORDS | WORDS"; *said and *over are "" where there are none. */
static void cut(char *text, char **said, char **over)
{
    char **part[] = {said, over};
    *said = *over = "";
    for (size_t i = 0; i < 2; i++) {
        char *bar = strstr(i ? *said : text, " | ");
        if (!bar)
            return;
        *bar = '\0';
        *part[i] = bar + 3;
    }
}

bool scenario_knows(const char *words)
{
    struct call c = {.n = 0};
    int64_t ms;
    char *text = sim_strdup(words), *said, *over;
    cut(text, &said, &over);
    bool ok = split(text, &c, &ms) != NULL && strlen(said) <= STORY_CELLS && strlen(over) <= STORY_CELLS;
    free(text);
    return ok;
}

static void undo_now(struct sim *s, void *arg)
{
    scenario_act(s->world, arg);
    free(arg);
}

bool scenario_act(struct world *w, const char *words)
{
    struct call c = {.w = w};
    int64_t ms;
    char *text = sim_strdup(words), *said, *over;
    cut(text, &said, &over);
    const struct action *a = split(text, &c, &ms);
    c.s = a && a->cluster ? world_find(w, c.arg[0]) : w->mgmt;
    bool ok = a && c.s && (!a->cluster || c.s->side == SIDE_KUBE) && a->run(&c);
    if (ok && *said)
        scenario_tell(w, said);
    if (ok && ms && a->opposite) {
        char *opposite = c.undo ? sim_strdup(c.undo) : sim_printf("%s %s%s%s", a->opposite, c.arg[0], a->args > 1 ? " " : "", a->args > 1 ? c.arg[1] : "");
        sim_after(w->mgmt, (int64_t)((double)ms / w->speed), undo_now, *over ? sim_printf("%s | %s", opposite, over) : sim_strdup(opposite));
        free(opposite);
    }
    free(c.undo);
    free(text);
    return ok;
}

void scenario_line(struct world *w, const char *line)
{
    char *words;
    if (!*line)
        return;
    if (!scenario_knows(line))
        words = sim_strdup("not understood; man strata-sim has what can be done");
    else
        words = sim_printf("%s: %.50s", scenario_act(w, line) ? "done" : "there is no such thing now", line);
    scenario_tell(w, words);
    free(words);
}
