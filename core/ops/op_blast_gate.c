/* Between the plan and its start the world goes on: the blast radius is looked at once more, and one that became worse stops it. */
#include <stdlib.h>
#include <string.h>

#include "core/ops/op_blast_priv.h"
#include "strata/clock.h"
#include "strata/map.h"
#include "strata/mem.h"
#include "strata/text.h"

/* ---- the worker's ---- */

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* Pods have new names all the time: their workloads tell. */
static bool telling(const struct links *l, const struct blast_item *it)
{
    return blast_is_red(l, it) && strcmp(links_row(l, it->node)->kind->id, "pods") != 0;
}

bool op_blast_reds(struct op_blast *b, const struct links *l, const struct blast *x)
{
    mem_free(b->red);
    b->nred = 0;
    b->red = mem_zalloc((x->n + 1) * sizeof *b->red);
    for (size_t i = 0; b->red && i < x->n; i++) {
        const struct row *r = links_row(l, x->item[i].node);
        if (telling(l, &x->item[i]))
            b->red[b->nred++] = hash_bytes(r->uid, strlen(r->uid)) + x->item[i].plane + 31u * hash_bytes(r->kind->id, strlen(r->kind->id));
    }
    if (b->nred)
        qsort(b->red, b->nred, sizeof *b->red, by_number);
    return b->red != NULL;
}

/* ---- the plan is told, and started ---- */

/* The verdict and its counts: "green: data plane: ...". */
static char *verdict_words(const struct op_blast *b)
{
    static const char head[] = "blast radius: ";
    const char *line = b->facts.len ? b->facts.data + 1 : "";
    struct str s;
    str_init(&s, 4096);
    line += strncmp(line, head, sizeof head - 1) ? 0 : sizeof head - 1;
    str_add(&s, line, strcspn(line, "\n"));
    return text_take(&s);
}

bool op_blast_agree(struct op_blast *b)
{
    if (b->failed || !b->complete || !(b->agreed_words = verdict_words(b)))
        return false;
    b->agreed = b->verdict;
    b->agreed_quorum = b->quorum_lost;
    b->agreed_red = b->red;
    b->nagreed = b->nred;
    b->red = NULL;
    b->nred = 0;
    net_timer_cancel(b->core->net, b->timer);
    b->timer = NULL;
    return true;
}

static bool worse(const struct op_blast *b)
{
    bool more = b->verdict > b->agreed || (b->quorum_lost && !b->agreed_quorum);
    for (size_t i = 0; i < b->nred && !more; i++)
        more = !b->nagreed || !bsearch(&b->red[i], b->agreed_red, b->nagreed, sizeof *b->red, by_number);
    return more;
}

static void refuse(struct op *op, struct op_blast *b)
{
    struct err err = ERR_INIT;
    char *now = verdict_words(b);
    err_set(&err, ERR_CONFLICT, 0, "nothing was begun: what it would take with it became worse since it was planned: now %s; agreed to was %s; plan it again",
            now ? now : "red", b->agreed_words);
    mem_free(now);
    op_refuse(op, &err);
}

bool op_blast_gate(struct op *op)
{
    struct op_blast *b = op->blast;
    if (!b || op->canceling) {
        op_blast_free(op);
        return true;
    }
    if (!b->again) {
        b->again = true;
        b->complete = false;
        op_blast_wait(b);
    }
    if (b->working || (!b->complete && !op_blast_settled(b) && clock_mono_ms() < b->until_ms))
        return false;
    if (!b->complete && !b->failed && op_blast_round(b))
        return false;
    if (b->complete && !b->failed && worse(b)) {
        refuse(op, b);
        return false;
    }
    op_blast_free(op);
    return true;
}
