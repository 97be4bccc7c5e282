/* strata stack: the services of each cloud, one a line, and why one of them is red. */
#include <string.h>

#include "strata/stack.h"
#include "strata/tell.h"
#include "tui/batch.h"

static const char *source_of(const struct tell *t, uint16_t id)
{
    const struct source_info *s = t->source(t->arg, id);
    return s ? s->name : "";
}

static void json(const struct tell *t, const struct stack *y, struct str *out)
{
    for (size_t i = 0; i < y->n; i++) {
        const struct stack_service *s = &y->service[i];
        str_addf(out, "%s{\"api\":%s", i ? ",\n" : "[", s->api ? "true" : "false");
        json_text(out, "service", s->name);
        json_text(out, "source", source_of(t, s->source));
        json_text(out, "project", s->project);
        json_text(out, "health", health_name((enum health)s->health));
        json_text(out, "why", s->why);
        json_text(out, "version", s->version);
        str_addf(out, ",\"workloads\":%zu,\"ready\":%zu,\"wanted\":%zu,\"agents\":%zu,\"up\":%zu,\"off\":%zu,\"ghosts\":%zu,\"quorum\":%zu,\"budgets\":%zu,\"may_go\":%zu}", s->workloads, s->ready, s->wanted,
                 s->agents, s->up, s->off, s->ghosts, s->quorum, s->budgets, s->may_go);
    }
    str_adds(out, y->n ? "]\n" : "[]\n");
}

static void words(const struct tell *t, const struct stack *y, struct str *out)
{
    str_addf(out, "%-18s %-16s %-8s %-7s %-9s %-14s %s\n", "SERVICE", "SOURCE", "HEALTH", "READY", "AGENTS", "VERSION", "WHY");
    for (size_t i = 0; i < y->n; i++) {
        const struct stack_service *s = &y->service[i];
        char ready[48] = "-", agents[48] = "-";
        if (s->workloads)
            snprintf(ready, sizeof ready, "%zu/%zu", s->ready, s->wanted);
        if (s->agents)
            snprintf(agents, sizeof agents, "%zu/%zu", s->up, s->agents - s->ghosts);
        str_addf(out, "%-18s %-16s %-8s %-7s %-9s %-14s %s\n", s->name, source_of(t, s->source), health_name((enum health)s->health), ready, agents,
                 *s->version ? s->version : "-", *s->why ? s->why : "-");
    }
}

void batch_stack(struct batch *b)
{
    const struct options *o = b->opt;
    struct tell t;
    struct str out;
    struct stack y;
    struct world *world = batch_world(b, &t);
    str_init(&out, (size_t)1 << 24);
    if (t.l && stack_make(&y, t.l)) {
        (o->output && !strcmp(o->output, "json") ? json : words)(&t, &y, &out);
        stack_free(&y);
    } else if (t.l) {
        out.failed = true;
    }
    batch_world_end(b, world, &out);
}
