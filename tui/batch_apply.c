/* strata apply -f FILE: what stands in files, as one operation with a step an object. */
#include <stdio.h>
#include <string.h>

#include "strata/text.h"
#include "tui/apply_files.h"
#include "tui/batch.h"

/* The only cluster; -1: said. */
static int cluster(struct batch *b)
{
    int found = -1;
    for (size_t i = 0; i < b->ninfo; i++) {
        if (b->info[i].plane != PLANE_KUBE)
            continue;
        if (found >= 0) {
            batch_error(b, EXIT_USAGE, "apply goes with one cluster: choose with --context");
            return -1;
        }
        found = (int)i;
    }
    if (found < 0)
        batch_error(b, EXIT_FAILED, "no Kubernetes context is configured (strata doctor says where was looked)");
    return found;
}

void batch_apply(struct batch *b)
{
    const struct options *o = b->opt;
    struct apply_files f = {0};
    struct err err = ERR_INIT;
    const struct strlist *lists[] = {&o->filenames, &o->args};
    int source = cluster(b);
    if (source < 0)
        return;
    if (o->namespaces.count > 1 || o->all_namespaces) {
        batch_error(b, EXIT_USAGE, "apply goes with one namespace, or with those in the files");
        return;
    }
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < lists[l]->count && !err.code; i++)
            apply_files_add(&f, lists[l]->items[i], o->recursive, &err);
    if (f.skipped) {
        struct str name;
        str_init(&name, 4096);
        text_clean(&name, f.first, strlen(f.first), 0);
        fprintf(stderr, "strata: not applied: %s is a directory%s (-R goes into it)\n", name.data ? name.data : "", f.skipped > 1 ? ", and there are more" : "");
        str_release(&name);
    }
    if (!err.code && !o->filenames.count && !o->args.count)
        err_set(&err, ERR_USAGE, 0, "apply what? strata apply -f FILE, a directory, or - for the input");
    if (err.code) {
        batch_error(b, err.code == ERR_NOTFOUND ? EXIT_NOT_FOUND : err.code == ERR_USAGE ? EXIT_USAGE : EXIT_FAILED, "%s", err.msg);
    } else {
        struct apply_request rq = {.source = (uint16_t)source, .ns = o->namespaces.count ? o->namespaces.items[0] : NULL, .texts = f.text, .ntexts = f.n,
                                   .force = o->force, .dry_run = o->dry_run, .keep_going = o->keep_going};
        batch_op(b, core_apply_plan(b->core, &rq));
    }
    apply_files_release(&f);
}
