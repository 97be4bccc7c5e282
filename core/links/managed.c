/* What is seen and managed through an API that is harmed: it runs on. Counted, for it is mostly all that a cloud has. */
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/blast.h"

#define KINDS 5
static const struct { const char *type, *kind[KINDS]; } through[] = {
    {"compute", {"server", "hypervisor"}},
    {"network", {"network", "router", "floating-ip"}},
    {"volumev3", {"volume"}}, {"block-storage", {"volume"}},
    {"sharev2", {"share"}}, {"shared-file-system", {"share"}},
    {"load-balancer", {"loadbalancer"}},
    {"container-infra", {"coe-cluster"}},
    {"baremetal", {"baremetal"}},
};
#define ROWS (sizeof through / sizeof *through)

size_t blast_managed_kinds(const struct row *api, const char **kind, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; link_is_api(api) && i < ROWS; i++)
        for (size_t k = 0; !strcmp(through[i].type, row_column(api, "type")) && k < KINDS && through[i].kind[k] && n < max; k++)
            kind[n++] = through[i].kind[k];
    return n;
}

/* Does such harm of an API of that cloud hit what is of this kind? */
static bool hit(const struct links *l, const struct blast *b, const struct snap *s, enum blast_harm harm)
{
    const char *kind[KINDS];
    for (size_t i = 0; i < b->n; i++) {
        const struct row *r = links_row(l, b->item[i].node);
        if (b->item[i].plane != BLAST_CP || b->item[i].harm != harm || !link_is_api(r) || links_cluster(l, r->source) != links_cluster(l, snap_source(s)))
            continue;
        for (size_t k = blast_managed_kinds(r, kind, KINDS); k-- > 0;)
            if (!strcmp(kind[k], snap_kind(s)->id))
                return true;
    }
    return false;
}

/* Rows of that kind, of all clouds so hit; each once. */
static size_t count(const struct links *l, const struct blast *b, const struct kind *kind, enum blast_harm harm)
{
    size_t n = 0;
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct link_snap *s = &l->snap[i];
        if (snap_kind(s->snap) != kind || !hit(l, b, s->snap, harm))
            continue;
        for (uint32_t node = s->base; node < s->base + snap_slots(s->snap); node++)
            n += links_row(l, node) != NULL;
    }
    return n;
}

bool blast_managed_words(const struct links *l, const struct blast *b, enum blast_harm harm, struct str *out)
{
    size_t said = 0;
    for (size_t i = 0; i < ROWS; i++)
        for (size_t k = 0; k < KINDS && through[i].kind[k]; k++) {
            const struct kind *kind = kind_find(through[i].kind[k]);
            bool twice = i && !strcmp(through[i].kind[k], *through[i - 1].kind);
            size_t n = kind && !twice ? count(l, b, kind, harm) : 0;
            if (!n)
                continue;
            str_adds(out, said++ ? ", " : "");
            blast_plural(kind, n, out);
        }
    if (said)
        str_addf(out, " run on and can %sbe neither seen nor managed by the API", harm == HARM_LOST ? "" : "perhaps ");
    return said > 0;
}
