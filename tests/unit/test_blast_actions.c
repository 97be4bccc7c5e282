/* Every action either has a blast radius, or a reason why nothing can be lost by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/ops/action.h"
#include "strata/blast.h"

static const struct { const char *action, *kind, *why; } harmless[] = {
    {"set-image", "cronjobs", "only jobs that are made later have it"},
    {"set-image", "replicasets", "its pods stay, only new ones have it"},
    {"debug", "pods", "a container is added, none is ended"},
    {"start", "server", "it is off"}, {"unpause", "server", "it stands still"}, {"resume", "server", "it is put by"},
    {"unshelve", "server", "it has no place"}, {"restore", "server", "it is deleted"},
    {"unrescue", "server", "nothing of it serves while it is in rescue"},
    {"abort-migration", "server", "it stays where it is and runs on"},
    {"confirm-resize", "server", "what it runs from stays; only the way back goes"},
    {"lock", "server", "the guest runs on"}, {"unlock", "server", "the guest runs on"},
    {"snapshot", "server", "it runs on, or stands still for a moment"},
    {"delete", "security-group", "Neutron keeps it while a port has it"},
    {"delete", "keypair", "servers that have it keep it"},
    {"delete", "stack", "its plan names each thing that it made"},
    {"scale", "*", "which pods hang on a kind that a server alone knows is not known"},
    {"label", "*", "who goes by the labels of all kinds is not known"},
    {"annotate", "*", "who goes by the annotations of all kinds is not known"},
    {"edit", "*", "counts as what its change does"}, {"apply", "*", "counts as what its change does"},
    {"delete", "*", "what hangs on a kind that a server alone knows is not known"},
};

static const char *reason(const char *action, const char *kind)
{
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (!strcmp(harmless[i].action, action) && !strcmp(harmless[i].kind, kind))
            return harmless[i].why;
    return NULL;
}

static void every_action_has_a_radius_or_a_reason(void **state)
{
    const struct action *a;
    (void)state;
    for (size_t i = 0; (a = action_at(i)); i++)
        for (const char *const *k = a->kinds; *k; k++) {
            bool known = strcmp(*k, "*") && blast_known(a->id, kind_find(*k));
            if (!known && !reason(a->id, *k))
                fail_msg("%s %s: neither a radius in cut.c nor a reason here", a->id, *k);
            if (known && reason(a->id, *k))
                fail_msg("%s %s: it has a radius, and a reason here why it needs none", a->id, *k);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_action_has_a_radius_or_a_reason)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
