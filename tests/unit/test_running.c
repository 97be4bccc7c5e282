/* Which objects are one: a uid that is given once, however the server was reached; a number that each cloud gives itself, not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/ops/running.h"
#include "core/source.h"

static bool same(const char *kind, const char *server, const char *uid, const char *name, const char *their_server, const char *their_uid)
{
    static struct source src;
    static char none[] = "";
    char own_uid[64], own_name[64];
    src = (struct source){0};
    snprintf(src.info.server, sizeof(src.info.server), "%s", server);
    snprintf(own_uid, sizeof(own_uid), "%s", uid);
    snprintf(own_name, sizeof(own_name), "%s", name);
    struct op_step st = {.src = &src, .kind = kind_find(kind), .scope = none, .name = own_name, .uid = own_uid};
    json_t *t = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "server", their_server, "kind", kind, "scope", "", "name", name, "uid", their_uid, "twin", "");
    bool yes = running_same(&st, t);
    json_decref(t);
    return yes;
}

#define A "https://a.example.org/v3"
#define B "https://b.example.org/v3"
#define UUID "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

static void a_number_is_of_its_cloud(void **state)
{
    (void)state;
    assert_true(same("flavor", A, "1", "m1.small", A, "1"));
    assert_false(same("flavor", A, "1", "m1.small", B, "1"));
    assert_false(same("hypervisor", A, "3", "compute-3", B, "3"));
    assert_false(same("flavor", A, "1", "m1.small", A, "2"));
}

static void a_uuid_is_the_same_through_two_contexts(void **state)
{
    (void)state;
    assert_true(same("server", A, UUID, "db", B, UUID));
    assert_true(same("nodes", A, "u1", "n1", B, "u1"));
    assert_false(same("nodes", A, "u1", "n1", A, "u2"));         /* another one of that name */
}

static void without_a_uid_the_server_tells(void **state)
{
    (void)state;
    assert_true(same("nodes", A, "", "n1", A, ""));
    assert_false(same("nodes", A, "", "n1", B, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_of_its_cloud), cmocka_unit_test(a_uuid_is_the_same_through_two_contexts), cmocka_unit_test(without_a_uid_the_server_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
