/* strata exec, attach: a command in a container joined to this terminal; ends as the command does. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "strata/text.h"
#include "tui/batch.h"
#include "tui/passage.h"

/* A pod that stands for the workload or service; NULL: said. */
static const struct row *pod_of(struct batch *b, const char *kind, char *name)
{
    const struct row *r = batch_open_named(b, kind, &name, 1) ? batch_find(b, name) : NULL, *pod = NULL;
    struct event *e = r ? batch_wait(b, core_fetch(b->core, r, FETCH_POD, 0)) : NULL;
    if (e && e->err.code) {
        batch_report(b, &e->err, NULL);
    } else if (e && e->text) {
        char *chosen = e->text;
        batch_close(b);
        pod = batch_open_named(b, "pods", &chosen, 1) ? batch_find(b, chosen) : NULL;
        if (pod)
            fprintf(stderr, "strata: %s/%s: pod %s\n", kind, name, pod->name);
    }
    event_free(e);
    return pod;
}

const struct row *batch_pod(struct batch *b)
{
    char *name = b->opt->args.items[0], *slash = strchr(name, '/');
    char kind[128];
    snprintf(kind, sizeof kind, "%.*s", slash ? (int)(slash - name) : 0, name);
    const struct kind *k = slash ? kind_find(kind) : NULL;
    if (k && k->plane != PLANE_KUBE) {
        batch_error(b, EXIT_USAGE, "a %s has no pods: %s is for a pod, a workload or a service", k->singular, b->opt->verb);
        return NULL;
    }
    name = slash ? slash + 1 : name;
    if (slash && (!k || strcmp(k->id, "pods")))
        return pod_of(b, kind, name);
    return batch_open_named(b, "pods", &name, 1) ? batch_find(b, name) : NULL;
}

/* What is to be typed for a protected source: given with --confirm, or asked for. false: said. */
bool batch_typed(struct batch *b, const struct action_request *a, char *typed, size_t size)
{
    struct str wanted;
    bool ok = true;
    str_init(&wanted, 4096);
    core_wanted(b->core, a, &wanted);
    *typed = '\0';
    if (wanted.len && b->opt->confirm) {
        snprintf(typed, size, "%s", b->opt->confirm);
    } else if (wanted.len && isatty(STDIN_FILENO) && isatty(STDERR_FILENO)) {
        batch_forget_typed();
        fprintf(stderr, "%s is protected: type %s to %s in pod %s: ", wanted.data, wanted.data, a->verb, a->row->name);
        ok = batch_answer(typed, size);
    }
    str_release(&wanted);
    if (!ok)
        batch_error(b, EXIT_REFUSED, "%s: left alone", a->row->name);
    return ok;
}

void batch_join(struct batch *b, int kind, const struct row *pod, const char *container, const char *const *command)
{
    const struct options *o = b->opt;
    bool tty = o->tty && isatty(STDIN_FILENO);
    char typed[600];
    struct action_request a = {.verb = kind == STREAM_EXEC ? "exec" : "attach", .row = pod};
    if (!batch_typed(b, &a, typed, sizeof typed))
        return;
    if (o->tty && !tty)
        batch_error(b, EXIT_OK, "the input is no terminal: none is made there");
    struct stream_request rq = {.kind = (enum stream_kind)kind, .row = pod, .container = container, .in = o->interactive, .tty = tty, .typed = typed,
                                .command = command};
    passage_size(&rq.cols, &rq.rows);
    struct passage p = {.core = b->core, .in = o->interactive, .tty = tty, .stream = core_stream_open(b->core, &rq),
                        .hello = kind == STREAM_ATTACH && tty ? "joined; where no prompt shows, press enter" : NULL};
    if (!p.stream) {
        batch_error(b, EXIT_FAILED, "out of memory");
        return;
    }
    passage_run(&p);
    core_stream_free(p.stream);
    if (p.err.code)
        batch_report_act(b, &p.err);
    else
        b->rc = p.exit_code;
}

void batch_exec(struct batch *b)
{
    const struct row *pod = batch_pod(b);
    if (pod)
        batch_join(b, STREAM_EXEC, pod, b->opt->container, (const char *const *)b->opt->args.items + 1);
}

void batch_attach(struct batch *b)
{
    const struct row *pod = batch_pod(b);
    if (pod)
        batch_join(b, STREAM_ATTACH, pod, b->opt->container, NULL);
}
