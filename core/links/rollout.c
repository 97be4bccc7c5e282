/* A rollout that fails: pods of the new revision that fail by themselves, or a deadline that passed. */
#include <stdio.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/clock.h"
#include "strata/why.h"

/* What has no deadline of its own gets a Deployment's default. A server's clock may be off by less than that matters. */
#define LATE_MS (10 * 60000)

/* These tell of the container or its image. A pod whose node is gone has other words. */
static bool fails_itself(const struct row *pod)
{
    static const char *const words[] = {"BackOff", "ErrImage", "InvalidImageName", "CreateContainer", "RunContainerError", "StartError", "ContainerCannotRun", "Error", "OOMKilled"};
    const char *status = row_column(pod, "status");
    for (size_t i = 0; pod->health == HEALTH_BAD && i < sizeof words / sizeof *words; i++)
        if (strstr(status, words[i]))
            return true;
    return false;
}

static bool late(const struct row *pod, const struct row *top)
{
    int64_t since = why_onset(pod);
    return !link_is(top, "deployments") && pod->health == HEALTH_WARN && since != CELL_NONE && clock_wall_ms() - since > LATE_MS;
}

static uint32_t parent(const struct links *l, uint32_t node)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(links_relation(e[i].relation)->id, "belongs-to"))
            return e[i].to;
    return LINK_NO_NODE;
}

/* Where the newest revision is not known, nothing is of it. */
static bool newest(const struct links *l, uint32_t node, const struct row *top)
{
    const struct row *r = links_row(l, node);
    const char *revision = row_column(top, "revision");
    char pair[400];
    if (!*revision)
        return false;
    if (link_is(top, "deployments")) {
        uint32_t set = link_is(r, "replicasets") ? node : parent(l, node);
        const struct row *s = set == LINK_NO_NODE ? NULL : links_row(l, set);
        return link_is(s, "replicasets") && !strcmp(row_column(s, "revision"), revision);
    }
    int n = snprintf(pair, sizeof pair, "%s=%.300s", link_is(top, "statefulsets") ? "controller-revision-hash" : "pod-template-generation", revision);
    return link_has_label(r->labels, pair, (size_t)n);
}

static int64_t number(const struct row *r, const char *column)
{
    int col = kind_column(r->kind, column);
    return col >= 0 && r->cell[col].n != CELL_NONE ? r->cell[col].n : 0;
}

/* A DaemonSet all of whose pods are of the new revision calls itself done, though not half of them ever were well. */
static bool all_at_once(const struct row *top)
{
    return link_is(top, "daemonsets") && number(top, "desired") > 1 && 2 * number(top, "available") <= number(top, "desired");
}

static bool tries(const struct row *top)
{
    return why_rolling(top) || all_at_once(top) || (link_is(top, "deployments") && !strcmp(row_column(top, "rollout"), "failed"));
}

bool link_rollout_fails(const struct links *l, uint32_t node)
{
    const struct row *r = links_row(l, node), *top = links_row(l, link_top_of(l, node));
    return tries(top) && newest(l, node, top) && (link_is(r, "replicasets") || fails_itself(r) || late(r, top));
}

struct found { const struct links *l; const struct row *top; uint32_t pod; size_t all, made, fail; bool old; };

/* Who fails by itself shows it better than who is late, and who began first better than who followed. */
static bool shows_better(const struct links *l, uint32_t pod, uint32_t than)
{
    const struct row *r = links_row(l, pod), *had = links_row(l, than);
    if (!had || fails_itself(r) != fails_itself(had))
        return !had || fails_itself(r);
    return why_onset(r) < why_onset(had);
}

static void look(void *arg, uint32_t pod)
{
    struct found *f = arg;
    const struct row *r = links_row(f->l, pod);
    bool made = r && newest(f->l, pod, f->top);
    f->all++;
    f->made += made;
    if (!r || (!fails_itself(r) && !late(r, f->top)))
        return;
    if (!made) {
        f->old |= fails_itself(r);
        return;
    }
    f->fail++;
    if (f->pod == LINK_NO_NODE || shows_better(f->l, pod, f->pod))
        f->pod = pod;
}

bool link_rollout_tells(const struct links *l, uint32_t node)
{
    struct found f = {.l = l, .top = links_row(l, node), .pod = LINK_NO_NODE};
    link_pods_of(l, node, look, &f);
    bool change = !link_is(f.top, "deployments") || strcmp(row_column(f.top, "revision"), "1") != 0;
    return f.pod != LINK_NO_NODE && (f.all > 1 || change);
}

/* Where pods of the old revision fail as well it is not the change that they fail of. */
bool link_rollout_stuck(const struct links *l, uint32_t node, uint32_t *pod)
{
    struct found f = {.l = l, .top = links_row(l, node), .pod = LINK_NO_NODE};
    if (tries(f.top))
        link_pods_of(l, node, look, &f);
    if (f.old)
        f.pod = LINK_NO_NODE;
    if (pod)
        *pod = f.pod;
    return f.pod != LINK_NO_NODE || (tries(f.top) && !why_rolling(f.top) && !all_at_once(f.top));
}

void link_rollout_count(const struct links *l, uint32_t node, size_t *all, size_t *made, size_t *fail)
{
    struct found f = {.l = l, .top = links_row(l, node), .pod = LINK_NO_NODE};
    link_pods_of(l, node, look, &f);
    *all = f.all;
    *made = f.made;
    *fail = f.fail;
}
