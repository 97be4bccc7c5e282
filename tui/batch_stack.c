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
        if (s->api) {
            const struct row *api = links_row(t->l, s->node);
            json_text(out, "api_state", row_column(api, "state"));
            json_text(out, "api_version", row_column(api, "version"));
        }
        str_addf(out, ",\"agents_hidden\":%s", s->hidden ? "true" : "false");
        str_addf(out, ",\"workloads\":%zu,\"ready\":%zu,\"wanted\":%zu,\"agents\":%zu,\"up\":%zu,\"off\":%zu,\"ghosts\":%zu,\"quorum\":%zu,\"members\":%zu,\"budgets\":%zu,\"may_go\":%zu}", s->workloads, s->ready, s->wanted,
                 s->agents, s->up, s->off, s->ghosts, s->quorum, s->members, s->budgets, s->may_go);
    }
    str_adds(out, y->n ? "]\n" : "[]\n");
}

#define LINE "%-18s %-16s %-8s %-16s %-7s %-9s %-7s %-7s %-14s %s\n"

static void count(char *buf, size_t size, bool known, size_t n, size_t of)
{
    if (known)
        snprintf(buf, size, "%zu/%zu", n, of);
}

/* As the cockpit shows it: a dash is what a service does not have, a question mark what cannot be seen. */
static void words(const struct tell *t, const struct stack *y, struct str *out)
{
    str_addf(out, LINE, "SERVICE", "SOURCE", "HEALTH", "API", "READY", "AGENTS", "QUORUM", "MAY GO", "VERSION", "WHY");
    for (size_t i = 0; i < y->n; i++) {
        const struct stack_service *s = &y->service[i];
        const struct row *r = links_row(t->l, s->node);
        const char *state = s->api ? row_column(r, "state") : "", *version = s->api ? row_column(r, "version") : "";
        char api[80] = "-", ready[48] = "-", agents[48] = "-", quorum[48] = "-", go[24] = "-";
        if (s->api)
            snprintf(api, sizeof api, "%.20s%s%.*s", *state ? state : "?", *version ? " " : "", (int)strcspn(version, " "), version);
        count(ready, sizeof ready, s->workloads, s->ready, s->wanted);
        count(agents, sizeof agents, s->agents, s->up, s->agents - s->ghosts);
        if (s->hidden)
            snprintf(agents, sizeof agents, "?");
        count(quorum, sizeof quorum, s->quorum, s->quorum, s->members);
        if (s->budgets)
            snprintf(go, sizeof go, "%zu", s->may_go);
        str_addf(out, LINE, s->name, source_of(t, s->source), health_name((enum health)s->health), api, ready, agents, quorum, go, *s->version ? s->version : "-", *s->why ? s->why : "-");
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
