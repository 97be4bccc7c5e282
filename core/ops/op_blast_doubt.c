/* What rules contradict each other about is not acted on across the layers: who is doubted, by what, and how to go on. */
#include <stdlib.h>
#include <string.h>

#include "core/ops/op_blast_priv.h"

/* "3 TAB node w1 of tenant TAB evidence" */
void op_blast_doubt(struct op_blast *b, const struct links *l, struct mark *m, uint32_t node)
{
    struct source_info info;
    struct str evidence;
    uint32_t who[2];
    str_init(&evidence, 2048);
    size_t n = blast_doubtful(l, node, who, 2, &evidence);
    if (!n) {
        str_release(&evidence);
        return;
    }
    m->conflict = true;
    str_addf(&b->conflicts, "%u\t", m->step);
    for (size_t i = 0; i < n && i < 2; i++) {
        const struct row *r = links_row(l, who[i]);
        core_info_of(b->core, r->source, &info);
        str_addf(&b->conflicts, "%s%s %.60s of %.60s", i ? " and " : "", r->kind->singular, r->name, info.name);
    }
    str_addf(&b->conflicts, "%s\t%s\n", n > 2 ? " and others" : "", evidence.data);
    str_release(&evidence);
}

/* The end of it in one sentence, with the ways out. */
static void doubted(struct op_step *st, const char *who, size_t n)
{
    bool machine = !strcmp(st->kind->id, "server") || !strcmp(st->kind->id, "baremetal");
    err_set(&st->err, ERR_CONFLICT, 0, "it might hit another: what it is contradicts itself; look at %.*s and mend what is wrong there%s", (int)n, who,
            machine ? ", or go on with --ignore-clusters, which asks no cluster" : "");
    st->refused = true;
    step_note(st, "%s", st->err.msg);
}

void op_blast_doubts_told(struct op *op, const struct op_blast *b)
{
    for (const char *p = b->conflicts.data; p && *p; p += strcspn(p, "\n"), p += *p == '\n') {
        char *who, line[1200];
        unsigned long step = strtoul(p, &who, 10);
        struct op_step *st = step < op->ntargets ? &op->steps[step] : NULL;
        const char *text = strchr(who + 1, '\t');
        if (!st || !text)
            continue;
        bool across = blast_across(op_blast_acts_as(st), st->kind);
        snprintf(line, sizeof line, "what it is contradicts itself%s: %.*s", across ? "" : ", which this does not depend on", (int)strcspn(text + 1, "\n"), text + 1);
        op_fact(op, across ? FACT_REFUSED : FACT_CAUTION, (uint32_t)step, line);
        if (across)
            doubted(st, who + 1, (size_t)(text - who - 1));
    }
}
