/* A guess at what agents share that fell silent together, in words: nothing but that is known of it. */
#include <string.h>

#include "strata/tell.h"

void tell_shared(const struct why_cause *c, const struct row *r, struct str *out)
{
    if (c->shared.silent)
        str_addf(out, "%zu of %zu services that need it fell silent within %lld s: perhaps %s %s", c->shared.silent, c->shared.of,
                 (long long)((c->shared.within_ms + 999) / 1000), r->kind->singular, r->name);
}

const char *tell_cause_word(const struct tell *t, const struct why_cause *c)
{
    return c->shared.silent ? "perhaps" : tell_state_word(tell_state(t, c, NULL));
}

/* It looks well from outside: its own words tell more than its row. */
void tell_next(const struct tell *t, const struct why_cause *c, struct str *out)
{
    const struct row *r = links_row(t->l, c->hop[c->n - 1]);
    if (c->shared.silent)
        str_addf(out, "strata logs %s/%s --context %s -n %s", r->kind->singular, r->name, tell_source(t, r), r->scope);
    else
        why_next(r, tell_source(t, r), out);
}
