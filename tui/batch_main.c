/* Batch mode: the verbs, whom each asks, and their way from the words of a command line to an exit code. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "strata/blast.h"
#include "strata/ops.h"
#include "tui/batch.h"
#include "tui/theme.h"

/* Whom it asks: clusters, clouds, or what its words tell. */
enum asks { ASKS_ALL, ASKS_NOBODY, ASKS_KUBE, ASKS_CLOUD, ASKS_BOTH_FROM, ASKS_LEFT, ASKS_KIND, ASKS_KUBE_FIRST };

/* So long, and then it is said who did not answer: beside others who did, or where there is nothing else to tell. */
#define AMONG_S 10
#define ALONE_S 30

static const struct verb {
    const char *name;
    void (*run)(struct batch *b);
    int min_args;
    enum asks asks;
    int patience_s;            /* looks once and ends: so long with a server that sends nothing, which is told of; 0: each request has its own time */
} verbs[] = {
    {"get", batch_get, 1, ASKS_KIND, ALONE_S},
    {"describe", batch_describe, 1, ASKS_KIND, ALONE_S},
    {"logs", batch_logs, 0, ASKS_KIND, 0},
    {"edit", batch_edit, 1, ASKS_KIND, 0},
    {"console-url", batch_console_url, 1, ASKS_CLOUD, 0},
    {"doctor", batch_doctor, 0, ASKS_ALL, 0},
    {"heal", batch_heal, 0, ASKS_BOTH_FROM, 0},
    {"exec", batch_exec, 2, ASKS_KUBE, 0},
    {"attach", batch_attach, 1, ASKS_KUBE, 0},
    {"cp", batch_cp, 2, ASKS_KUBE, 0},
    {"rollout", batch_rollout, 2, ASKS_KUBE, 0},
    {"port-forward", batch_port_forward, 2, ASKS_KUBE, 0},
    {"apply", batch_apply, 0, ASKS_KUBE_FIRST, 0},
    {"links", batch_links, 2, ASKS_ALL, AMONG_S},              /* whatever hangs together, wherever it is */
    {"blast", batch_blast, 2, ASKS_ALL, AMONG_S},
    {"why", batch_why, 0, ASKS_ALL, AMONG_S},
    {"layers", batch_layers, 0, ASKS_ALL, AMONG_S},
    {"capacity", batch_capacity, 0, ASKS_ALL, AMONG_S},
    {"timeline", batch_timeline, 2, ASKS_ALL, AMONG_S},
    {"stack", batch_stack, 0, ASKS_ALL, AMONG_S},
    {"audit", batch_audit, 0, ASKS_NOBODY, 0},
    {"ops", batch_ops, 0, ASKS_LEFT, 0},
};
static const struct verb any_action = {"", batch_act, 1, ASKS_KIND, 0};

static bool probes_service(const struct options *o)
{
    for (size_t i = 0; i < o->action_args.count; i++)
        if (!strncmp(o->action_args.items[i], "probe=", 6) && !strstr(o->action_args.items[i], "://"))
            return true;
    return false;
}

/* A machine may be a node of any cluster: who acts on it as such asks them all. */
static void look_at_clusters(struct options *o, const char *action, const char *word)
{
    char kind[128];
    snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(word, "/"), word);
    const struct kind *k = kind_find(kind);
    bool machine = k && (!strcmp(k->id, "server") || !strcmp(k->id, "baremetal"));
    o->look_clusters = machine && blast_across(action, k) && !o->ignore_clusters;
}

/* The plane of the kind that its words name: the other one need not be asked. */
static void choose_by_kind(struct options *o, const struct verb *v)
{
    bool act = v->run == batch_act;
    if (!o->args.count) {              /* logs of a selector are of pods */
        o->no_openstack = true;
        return;
    }
    /* a cloud's hypervisor, and the node of a cluster that it is; a workload, and a service of a cloud that is probed meanwhile */
    if (act && (!strncmp(o->verb, "host-", 5) || !strcmp(o->verb, "maintenance") || !strcmp(o->verb, "maintenance-end") || probes_service(o))) {
        o->want_kube = true;
        return;
    }
    char kind[128];
    snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(o->args.items[0], "/"), o->args.items[0]);
    bool pod = v->run == batch_logs && !strchr(o->args.items[0], '/');
    const struct kind *k = pod ? kind_find("pods") : kind_find(kind);
    if (k && k->plane == PLANE_OPENSTACK && act && !strcmp(o->verb, "drain"))        /* a cluster may have a controller of its own for that host */
        o->want_kube = true;
    else if (k && k->plane == PLANE_OPENSTACK) {           /* a machine may be a node of any cluster, a pod a part of the clouds that were named */
        if (act)
            look_at_clusters(o, o->verb, kind);
        o->no_kube = !(act && (o->contexts.count || o->all) && !o->ignore_clusters);
    } else
        o->no_openstack = !((act || v->run == batch_edit) && k && (o->clouds.count || (o->all && act && blast_known(o->verb, k))));
    o->want_kube |= o->clouds.count && k && k->plane == PLANE_KUBE && !o->no_openstack;
}

static void choose_plane(struct options *o, const struct verb *v)
{
    switch (v->asks) {
    case ASKS_ALL: break;
    case ASKS_NOBODY: o->no_kube = o->no_openstack = true; break;
    case ASKS_KUBE: o->want_kube = o->no_openstack = true; break;
    case ASKS_KUBE_FIRST: o->want_kube = true, o->no_openstack = !o->clouds.count; break;      /* and what hangs on it in the clouds that are named */
    case ASKS_CLOUD: o->no_kube = true; break;
    case ASKS_BOTH_FROM:               /* a pod, and a cloud whose API it may be; a recording needs nobody */
        o->want_kube = true;
        o->no_kube = o->no_openstack = o->from != NULL;
        break;
    case ASKS_LEFT:                    /* the journal needs nobody; what is gone on with, its sources */
        o->no_kube = o->no_openstack = !(o->resume || o->rollback);
        break;
    case ASKS_KIND: choose_by_kind(o, v); break;
    }
}

/* "get pods,svc": one table after the other. */
static int get_kinds(const struct options *opt)
{
    struct options o = *opt;
    struct batch b = {.opt = &o};
    const char *list = opt->args.items[0];
    if (o.args.count > 1 || o.watch || (o.output && (!strcmp(o.output, "json") || !strcmp(o.output, "yaml")))) {
        batch_error(&b, EXIT_USAGE, "several kinds at once go with tables alone: without names, --watch, -o json and -o yaml");
        return b.rc;
    }
    for (size_t n = strcspn(list, ","); *list && b.rc != EXIT_USAGE; list += n + (list[n] == ','), n = strcspn(list, ",")) {
        struct strlist one = {0};
        if (!n)
            continue;
        if (!strlist_add(&one, list, n)) {
            batch_error(&b, EXIT_FAILED, "out of memory");
            break;
        }
        if (list != opt->args.items[0] && !o.no_headers)
            putchar('\n');
        o.args = one;
        int rc = batch_main(&o);
        b.rc = rc > b.rc ? rc : b.rc;
        strlist_release(&one);
    }
    return b.rc;
}

/* Who reads no further (`| head -1`) has what was wanted: what could not be written is no failure then. */
static bool reader_left(void)
{
    struct pollfd p = {.fd = STDOUT_FILENO};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

/* Fields are what a Kubernetes server chooses by; a name says which one already. */
static bool fields_fit(struct batch *b, const struct options *o)
{
    const struct kind *k = o->args.count ? kind_find(o->args.items[0]) : NULL;
    if (o->fields && k && k->plane == PLANE_OPENSTACK)
        batch_error(b, EXIT_USAGE, "--field-selector is for kinds of Kubernetes: use --filter");
    else if (o->fields && o->args.count > 1)
        batch_error(b, EXIT_USAGE, "names go without --field-selector");
    return b->rc == EXIT_OK;
}

/* What the options of a verb point at while it runs. */
struct lists { struct strlist names, said, contexts, clouds; };

static void lists_release(struct lists *l)
{
    strlist_release(&l->names);
    strlist_release(&l->said);
    strlist_release(&l->contexts);
    strlist_release(&l->clouds);
}

/* The words after the verb, and which sources it needs. */
static bool prepare(struct batch *b, struct options *o, const struct verb *v, struct lists *l)
{
    bool act = v->run == batch_act, fold = act || v->run == batch_get || v->run == batch_edit || (v->run == batch_describe && !strchr(o->args.items[0], '/'));
    if (act && !strcmp(o->verb, "debug") && !batch_debug_args(b, o, &l->said))
        return false;
    bool blast = v->run == batch_blast && o->args.count > 1;
    if ((fold && !batch_args(o, act, &l->names, &l->said)) || (blast && !batch_arg_words(o, o->args.items[0], &l->names, &l->said))) {
        batch_error(b, EXIT_FAILED, "out of memory");
        return false;
    }
    if ((v->run == batch_cp && !batch_cp_where(b, o, &l->names)) || (fold && !fields_fit(b, o)))
        return false;
    choose_plane(o, v);
    if (blast)
        look_at_clusters(o, o->args.items[0], o->args.items[1]);
    return v->run != batch_ops || !(o->resume || o->rollback) || batch_ops_sources(b, o, &l->contexts, &l->clouds);
}

static void run(struct batch *b, struct options *o, const struct verb *v)
{
    struct err err = ERR_INIT;
    o->ticker = false;
    o->all_problems = v->run == batch_doctor;
    if (v->patience_s && !o->watch && !o->request_timeout_s)
        o->request_timeout_s = v->patience_s;
    b->core = core_new(o, &err);
    if (!b->core) {
        batch_report(b, &err, NULL);
        return;
    }
    b->ninfo = core_sources(b->core, b->info, CORE_MAX_SOURCES);
    if (*core_problems(b->core))
        fprintf(stderr, "%s", core_problems(b->core));
    v->run(b);
    view_free(b->view);
    core_free(b->core);
}

int batch_main(const struct options *opt)
{
    struct options o = *opt;         /* shallow: only flags are changed */
    struct batch b = {.opt = &o};
    struct err err = ERR_INIT;
    const struct verb *v = NULL;
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (!o.by_noun && !strcmp(verbs[i].name, o.verb))
            v = &verbs[i];
    }
    if (!v && action_find(o.verb, NULL))
        v = &any_action;
    if (!v) {
        batch_error(&b, EXIT_USAGE, "unknown command '%s' (strata --help lists them)", o.verb);
        return b.rc;
    }
    if (o.args.count < (size_t)v->min_args) {
        batch_error(&b, EXIT_USAGE, "%s: what? (strata %s --help)", o.verb, o.verb);
        return b.rc;
    }
    if (v->run == batch_get && strchr(o.args.items[0], ',') && !strchr(o.args.items[0], '/'))
        return get_kinds(&o);
    bool listed = v->run == batch_get || v->run == batch_act || v->run == batch_describe;
    const char *other = listed ? batch_other_kind(&o.args) : NULL;
    if (other) {
        batch_error(&b, EXIT_USAGE, "%s: one kind at a time, give \"%s\" in a command of its own", o.verb, other);
        return b.rc;
    }
    struct theme theme;              /* nothing here has colours, but a wrong name is a wrong name */
    if (o.theme_given && theme_load(&theme, o.theme, &err)) {
        batch_error(&b, EXIT_USAGE, "%s", err.msg);
        return b.rc;
    }
    struct lists l = {0};
    if (prepare(&b, &o, v, &l))
        run(&b, &o, v);
    lists_release(&l);
    if (!write_ok() && !reader_left() && b.rc == EXIT_OK)
        b.rc = EXIT_FAILED;
    return b.rc;
}
