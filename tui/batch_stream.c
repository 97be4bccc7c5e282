/* strata exec, attach: a command in a container joined to this terminal; ends as the command does. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "strata/text.h"
#include "tui/batch.h"
#include "tui/passage.h"

/* The pod that the first argument names: "POD" or "pod/POD". NULL: said. */
const struct row *batch_pod(struct batch *b)
{
    char *name = b->opt->args.items[0], *slash = strchr(name, '/');
    if (slash) {
        char kind[64];
        snprintf(kind, sizeof kind, "%.*s", (int)(slash - name), name);
        const struct kind *k = kind_find(kind);
        if (!k || strcmp(k->id, "pods")) {
            batch_error(b, EXIT_USAGE, "%s is for pods: name one", b->opt->verb);
            return NULL;
        }
        name = slash + 1;
    }
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
        fprintf(stderr, "%s is protected: type %s to %s in pod %s: ", wanted.data, wanted.data, a->verb, a->row->name);
        ok = fgets(typed, (int)size, stdin) != NULL;
        typed[strcspn(typed, "\n")] = '\0';
    }
    str_release(&wanted);
    if (!ok)
        batch_error(b, EXIT_REFUSED, "%s: left alone", a->row->name);
    return ok;
}

static void run(struct batch *b, enum stream_kind kind)
{
    const struct options *o = b->opt;
    bool tty = o->tty && isatty(STDIN_FILENO);
    char typed[600];
    const struct row *pod = batch_pod(b);
    if (!pod)
        return;
    struct action_request a = {.verb = kind == STREAM_EXEC ? "exec" : "attach", .row = pod};
    if (!batch_typed(b, &a, typed, sizeof typed))
        return;
    if (o->tty && !tty)
        batch_error(b, EXIT_OK, "the input is no terminal: none is made there");
    struct stream_request rq = {.kind = kind, .row = pod, .container = o->container, .in = o->interactive, .tty = tty, .typed = typed,
                                .command = kind == STREAM_EXEC ? (const char *const *)o->args.items + 1 : NULL};
    passage_size(&rq.cols, &rq.rows);
    struct passage p = {.core = b->core, .in = o->interactive, .tty = tty, .stream = core_stream_open(b->core, &rq)};
    if (!p.stream) {
        batch_error(b, EXIT_FAILED, "out of memory");
        return;
    }
    passage_run(&p);
    core_stream_free(p.stream);
    if (p.err.code)
        batch_report(b, &p.err, NULL);
    else
        b->rc = p.exit_code;
}

void batch_exec(struct batch *b)
{
    run(b, STREAM_EXEC);
}

void batch_attach(struct batch *b)
{
    run(b, STREAM_ATTACH);
}
