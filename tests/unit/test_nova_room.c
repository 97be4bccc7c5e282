/* Places for servers that leave their host: who takes them, why not, one after another, and what is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/ops/facts.h"
#include "core/ops/nova_room.h"

static json_t *js(const char *text)
{
    char buf[8192];
    snprintf(buf, sizeof buf, "%s", text);
    for (char *p = buf; (p = strchr(p, '\''));)
        *p = '"';
    json_t *v = json_loads(buf, 0, NULL);
    if (!v)
        fail_msg("%s", buf);
    return v;
}

#define HAS(id, cpu, ram, disk) "'" id "':{'resources':{'VCPU':{'capacity':" cpu ",'used':0},'MEMORY_MB':{'capacity':" ram ",'used':0},'DISK_GB':{'capacity':" disk ",'used':0}},'traits':['HW_CPU_X86_AVX']}"
#define HOST(id, name, state, status) "{'id':'" id "','state':'" state "','status':'" status "','hypervisor_type':'QEMU','service':{'host':'" name "'}}"
#define FLAVOR(ram, more) "'flavor':{'vcpus':1,'ram':" ram ",'disk':10,'ephemeral':0,'swap':0,'extra_specs':{" more "}}"
#define SERVER(name, ram, specs, more) "{'id':'" name "','name':'" name "','OS-EXT-AZ:availability_zone':'nova','image':{'id':'i'}," FLAVOR(ram, specs) more "}"

struct cloud { struct act_ctx c; json_t *side[5]; struct nova_room *m; struct act_facts f; };

/* c1 is left; c2 has room for one of 4 GiB, c3 is small, c4 disabled, c5 down. */
static void cloud(struct cloud *w, const char *groups, const char *servers)
{
    static const char *const base[] = {
        "{'provider_summaries':{" HAS("p1", "64", "65536", "100") "," HAS("p2", "64", "6000", "100") "," HAS("p3", "64", "2048", "100") "," HAS("p5", "64", "65536", "100") "}}",
        "{'hypervisors':[" HOST("p1", "c1", "up", "enabled") "," HOST("p2", "c2", "up", "enabled") "," HOST("p3", "c3", "up", "enabled") "," HOST("p4", "c4", "up", "disabled") "," HOST("p5", "c5", "down", "enabled") "]}",
        "{'aggregates':[{'hosts':['c3'],'metadata':{'ssd':'true'}}]}"};
    int why;
    memset(w, 0, sizeof *w);
    for (size_t i = 0; i < 5; i++) {
        const char *text = i < 3 ? base[i] : i == 3 ? groups : servers;
        w->side[i] = text ? js(text) : NULL;
        w->c.side[2 + i] = (struct act_side){w->side[i], 200};
    }
    assert_non_null(w->m = nova_room_new(&w->c, 2, groups != NULL, "c1", &why));
}

static bool place(struct cloud *w, const char *server, const char *host)
{
    static json_t *kept[32];                /* the room borrows */
    static size_t n;
    json_t *v = kept[n++ % 32] = js(server);
    return nova_room_place(w->m, v, host);
}

static void end(struct cloud *w, enum fact_level level, const char *said)
{
    nova_room_say(w->m, "will not move", &w->f);
    assert_int_equal(w->f.n, 1);
    assert_string_equal(w->f.item[0].text, said);
    assert_int_equal(w->f.item[0].level, level);
    facts_release(&w->f);
    nova_room_free(w->m);
    for (size_t i = 0; i < 5; i++)
        json_decref(w->side[i]);
}

static void one_after_another(void **state)
{
    struct cloud w;
    (void)state;
    cloud(&w, NULL, NULL);
    assert_true(place(&w, SERVER("a", "4096", "", ""), NULL));
    end(&w, FACT_INFO, "there is a place for it, as Placement stands now");
    cloud(&w, NULL, NULL);
    assert_true(place(&w, SERVER("a", "4096", "", ""), NULL));
    assert_false(place(&w, SERVER("b", "4096", "", ""), NULL));          /* what a took is gone */
    assert_true(place(&w, SERVER("c", "1024", "", ""), NULL));
    end(&w, FACT_CAUTION, "1 server finds no place and will not move: b; of the other hosts 1 is down, 1 is disabled, 2 have too little memory left");
    cloud(&w, NULL, NULL);
    assert_true(place(&w, SERVER("a", "4096", "", ""), NULL));
    nova_room_forget(w.m);                                               /* it goes first, and is told by its own plan */
    assert_false(place(&w, SERVER("b", "4096", "", ""), "c2"));
    end(&w, FACT_CAUTION, "1 server finds no place and will not move: b; of the other hosts 1 has too little memory left");
}

static void what_a_flavor_wants(void **state)
{
    struct cloud w;
    (void)state;
    cloud(&w, NULL, NULL);
    assert_false(place(&w, SERVER("a", "512", "'trait:HW_CPU_X86_SGX':'required'", ""), NULL));
    end(&w, FACT_CAUTION, "1 server finds no place and will not move: a; of the other hosts 1 is down, 1 is disabled, 2 have not the traits that its flavor wants");
    cloud(&w, NULL, NULL);
    assert_false(place(&w, SERVER("a", "512", "'trait:HW_CPU_X86_AVX':'forbidden'", ""), "c2"));
    end(&w, FACT_CAUTION, "1 server finds no place and will not move: a; of the other hosts 1 has not the traits that its flavor wants");
    cloud(&w, NULL, NULL);
    assert_false(place(&w, SERVER("a", "4096", "'aggregate_instance_extra_specs:ssd':'true'", ""), NULL));
    end(&w, FACT_CAUTION, "1 server finds no place and will not move: a; of the other hosts 1 is down, 1 is disabled, 1 has too little memory left, 1 is of no aggregate that its flavor wants");
    cloud(&w, NULL, NULL);
    assert_false(place(&w, SERVER("a", "512", "'resources:CUSTOM_GPU':'1'", ""), "c2"));
    end(&w, FACT_CAUTION, "1 server finds no place and will not move: a; of the other hosts 1 has none left of what its flavor wants besides");
    cloud(&w, NULL, NULL);
    assert_false(place(&w, "{'id':'a','name':'a','image':{'id':'i'},'flavor':{'vcpus':1,'ram':512,'disk':500}}", "c2"));
    end(&w, FACT_CAUTION, "1 server finds no place and will not move: a; of the other hosts 1 has too little disk left");
    cloud(&w, NULL, NULL);
    assert_true(place(&w, "{'id':'a','name':'a','image':'','flavor':{'vcpus':1,'ram':512,'disk':500}}", "c2"));      /* its disk is a volume */
    end(&w, FACT_INFO, "there is a place for it, as Placement stands now");
}

static void groups_and_zones(void **state)
{
    struct cloud w;
    (void)state;
    cloud(&w, "{'server_groups':[{'policy':'anti-affinity','members':['a','x','y']}]}",
          "{'servers':[{'id':'x','OS-EXT-SRV-ATTR:host':'c2'},{'id':'y','OS-EXT-SRV-ATTR:host':'c3'}]}");
    assert_false(place(&w, SERVER("a", "512", "", ",'server_groups':['g']"), NULL));
    end(&w, FACT_CAUTION, "1 server finds no place and will not move: a; of the other hosts 1 is down, 1 is disabled, 2 have another server of its group (anti-affinity)");
    cloud(&w, "{'server_groups':[{'policy':'anti-affinity','members':['a','b']}]}", "{'servers':[]}");
    assert_true(place(&w, SERVER("a", "512", "", ",'server_groups':['g']"), "c2"));
    assert_false(place(&w, SERVER("b", "512", "", ",'server_groups':['g']"), "c2"));      /* a is there by then */
    end(&w, FACT_CAUTION, "1 server finds no place and will not move: b; of the other hosts 1 has another server of its group (anti-affinity)");
    cloud(&w, "{'server_groups':[{'policy':'affinity','members':['a','x']}]}", "{'servers':[{'id':'x','OS-EXT-SRV-ATTR:host':'c1'}]}");
    assert_false(place(&w, SERVER("a", "512", "", ",'server_groups':['g']"), "c2"));
    end(&w, FACT_CAUTION, "1 server finds no place and will not move: a; of the other hosts 1 has no server of its group (affinity)");
    cloud(&w, NULL, NULL);
    assert_false(place(&w, SERVER("a", "512", "", ",'pinned_availability_zone':'east'"), "c2"));
    end(&w, FACT_CAUTION, "1 server finds no place and will not move: a; of the other hosts 1 is in another zone than it is pinned to");
}

static void what_is_not_known_is_no_place(void **state)
{
    struct cloud w;
    int why;
    (void)state;
    cloud(&w, NULL, NULL);
    place(&w, SERVER("a", "512", "'hw:cpu_policy':'dedicated'", ""), NULL);
    end(&w, FACT_CAUTION, "whether a finds a place is not known: hw:cpu_policy is not looked at");
    cloud(&w, NULL, NULL);
    place(&w, SERVER("a", "512", "", ",'server_groups':['g']"), NULL);
    end(&w, FACT_CAUTION, "whether a finds a place is not known: a server group that Nova does not show is not looked at");
    cloud(&w, NULL, NULL);
    place(&w, "{'id':'a','name':'a','OS-EXT-AZ:availability_zone':'east'," FLAVOR("512", "") "}", NULL);
    end(&w, FACT_CAUTION, "a finds room in another zone only: Nova keeps it where it was asked for by its zone");
    struct act_ctx c = {.side = {{NULL, 403}}};
    assert_null(nova_room_new(&c, 0, false, "c1", &why));
    assert_int_equal(why, 403);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_after_another), cmocka_unit_test(what_a_flavor_wants), cmocka_unit_test(groups_and_zones), cmocka_unit_test(what_is_not_known_is_no_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
