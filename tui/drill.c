/* enter: into a thing, as fingers know it: a namespace's pods, a node's pods, a workload's pods, a hypervisor's VMs; anything
 * else is described. esc comes back to the row it left. What narrows the new table stands in its title as a filter. */
#include <stdio.h>
#include <string.h>

#include "strata/str.h"
#include "tui/app.h"
#include "tui/command.h"
#include "tui/table.h"

/* %s: the name. Pods of a workload go by the names that their controllers give. */
static const struct { const char *from, *to, *filter; bool same_ns; } ways[] = {
    {"namespaces", "pods", NULL, false},
    {"nodes", "pods", "node=%s", false},
    {"deployments", "pods", "name:~^%s-[a-z0-9]+-[a-z0-9]{5}$", true},
    {"replicasets", "pods", "name:~^%s-[a-z0-9]{5}$", true},
    {"daemonsets", "pods", "name:~^%s-[a-z0-9]{5}$", true},
    {"statefulsets", "pods", "name:~^%s-[0-9]+$", true},
    {"jobs", "pods", "name:~^%s-[a-z0-9]{5}$", true},
    {"cronjobs", "jobs", "name:~^%s-[0-9]+$", true},
    {"hypervisor", "server", "host=%s", false},
    {"project", "server", "project=%s", false},
};

static void put_name(struct str *out, const char *fmt, const char *name)
{
    const char *at = strstr(fmt, "%s");
    str_add(out, fmt, (size_t)(at - fmt));
    for (; *name; name++) {
        if (*name == '.' && strchr(fmt, '~')) str_addc(out, '\\');
        str_addc(out, *name);
    }
    str_adds(out, at + 2);
}

void table_drill(struct table *t, const char *kind, const char *ns, const char *source, const char *filter)
{
    if (t->nback == TABLE_PLACES) memmove(&t->back[0], &t->back[1], sizeof t->back[0] * (size_t)--t->nback);
    struct table_place *p = &t->back[t->nback++];
    const struct row *r = table_row(t);
    memset(p, 0, sizeof *p);
    memcpy(p->kind, t->kind_name, sizeof p->kind);
    memcpy(p->ns, t->ns, sizeof p->ns);
    memcpy(p->sources, t->sources, sizeof p->sources);
    memcpy(p->filter, t->filter_text, sizeof p->filter);
    if (r) snprintf(p->uid, sizeof p->uid, "%s", r->uid), p->source = r->source;
    table_set(t, kind, ns, source);
    snprintf(t->drill, sizeof t->drill, "%s", filter ? filter : "");
    table_filter(t, t->drill, NULL);
}

bool table_back(struct table *t)
{
    if (t->nback == 0) return false;
    struct table_place p = t->back[--t->nback];
    table_set(t, p.kind, p.ns, p.sources);
    *t->drill = '\0';
    table_filter(t, p.filter, NULL);
    memcpy(t->want_uid, p.uid, sizeof t->want_uid);
    t->want_source = p.source;
    return true;
}

static void run_open(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    const struct row *r = t ? table_row(t) : NULL;
    (void)args;
    if (!r) return;
    const struct source_info *si = app_source(a, r->source);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        char ns[256] = "", source[208];
        struct str filter;
        if (strcmp(ways[i].from, r->kind->id) || !kind_find(ways[i].to)) continue;
        str_init(&filter, 250);
        if (ways[i].filter) put_name(&filter, ways[i].filter, r->name);
        if (!strcmp(ways[i].from, "namespaces")) snprintf(ns, sizeof ns, "%.255s", r->name);
        else if (ways[i].same_ns) snprintf(ns, sizeof ns, "%.255s", r->scope);
        else snprintf(ns, sizeof ns, "*");
        snprintf(source, sizeof source, "%s", si && t->nsources > 1 ? si->name : t->sources);
        if (filter.failed) app_error(a, "the name is too long for a filter");
        else table_drill(t, ways[i].to, ns, source, filter.data);
        str_release(&filter);
        return;
    }
    app_run_line(a, "describe");
}

static void run_previous(struct app *a, struct screen *s, const char *args)
{
    (void)args;
    if (!table_back(table_of(s))) app_info(a, "nothing to go back to");
}

const struct command drill_commands[] = {
    {"open", NULL, "table", NULL, "Goes into it: pods of a namespace, node or workload, VMs of a hypervisor; else describes it.", CMD_ROW,
     COMPLETE_NONE, run_open, NULL},
    {"previous", NULL, "table", NULL, "Back to the table one came from.", 0, COMPLETE_NONE, run_previous, NULL},
    {0},
};
