/* Rows of actions on Nova's servers that change their size, place, disk or record: names, facts, requests, ends, ways back. */
#include "kube_act.h"

#define AT_MS 1000000000000                  /* 2001-09-09T01:46:40Z */
#define AT "'2001-09-09T01:46:41.000000'"
#define SERVER(vm, status, more) "{'id':'u1','name':'web','status':'" status "','OS-EXT-STS:vm_state':'" vm "','OS-EXT-STS:task_state':null," \
    "'OS-SRV-USG:launched_at':'2001-09-01T00:00:00.000000','updated':'2001-09-09T01:46:40Z','OS-EXT-SRV-ATTR:host':'cmp-1','hostId':'aa'," \
    "'flavor':{'original_name':'m1.tiny','vcpus':1,'ram':512,'disk':1}" more "}"
#define LOCAL ",'image':{'id':'aaaaaaaa-0000-4000-8000-000000000001'}"
#define ACTIVE SERVER("active", "ACTIVE", LOCAL)
#define DONE(name) "{'instanceAction':{'action':'" name "','message':null,'events':[{'event':'e','finish_time':" AT ",'result':'Success'}]}}"
#define MOVE(type, status, dest) "{'migrations':[{'id':3,'migration_type':'" type "','instance_uuid':'u1','status':'" status "','dest_compute':'" dest "','created_at':" AT ",'updated_at':" AT "}]}"

static void sent(struct act_case *t, const char *before)
{
    t->c.before = own(t, before);
    t->c.seeing = true;
    t->c.sent_ms = AT_MS;
    t->c.request_id = "req-1";
}

static void asked(struct act_case *t, size_t i, const char *want)
{
    struct str path;
    const char *service = NULL, *microversion = NULL;
    str_init(&path, 0);
    assert_int_equal(t->c.action->side(&t->c, i, &path, &service, &microversion), want != NULL);
    if (want)
        assert_string_equal(path.data, want);
    str_release(&path);
}

static void back(struct act_case *t, const char *id, const char *args)
{
    struct str said_args;
    str_init(&said_args, 0);
    const char *got = t->c.action->undo ? t->c.action->undo(&t->c, &said_args) : NULL;
    assert_true(id ? got && !strcmp(got, id) : !got);
    assert_string_equal(said_args.data, args);
    str_release(&said_args);
}

static void a_flavor_is_named_by_name_or_id(void **state)
{
    static const char list[] = "{'flavors':[{'id':'7','name':'m1.small','vcpus':1,'ram':2048,'disk':20},{'id':'8','name':'nodisk','vcpus':1,'ram':64,'disk':0},"
                               "{'id':'1','name':'m1.tiny'},{'id':'8a','name':'two'},{'id':'8b','name':'two'}]}";
    static const struct { const char *flavor, *id; enum act_verdict verdict; const char *says; } cases[] = {
        {"m1.small", "7", ACT_SEND, "m1.tiny (1 vCPU, 512 MiB, disk 1 GiB) becomes m1.small (1 vCPU, 2048 MiB, disk 20 GiB)"},
        {"m1.tiny", NULL, ACT_ALREADY, NULL}, {"nodisk", NULL, ACT_REFUSED, "does not resize a disk to nothing"},
        {"m9", NULL, ACT_REFUSED, "there is no flavor m9"}, {"two", NULL, ACT_REFUSED, "2 flavors are called two: give its id"},
    };
    struct act_case t;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char body[80];
        act_case(&t, "resize", "server", ACTIVE);
        act_with(&t, "flavor", cases[i].flavor);
        act_beside(&t, 0, 404, NULL);
        asked(&t, 1, "/flavors/detail?is_public=None&limit=1000");
        act_beside(&t, 1, 200, list);
        asked(&t, 2, "/os-services?binary=nova-compute");
        assert_int_equal(built(&t), cases[i].verdict);
        if (cases[i].says)
            said(&t, cases[i].says);
        snprintf(body, sizeof body, "{'resize':{'flavorRef':'%s'}}", cases[i].id ? cases[i].id : "");
        if (cases[i].id)
            sends(&t, "POST", "/servers/u1/action", body);
        act_end(&t);
    }
    act_case(&t, "resize", "server", ACTIVE);
    act_with(&t, "flavor", "7");
    asked(&t, 0, "/flavors/7");
    act_beside(&t, 0, 200, "{'flavor':{'id':'7','name':'m1.small','vcpus':1,'ram':2048,'disk':20}}");
    asked(&t, 1, "/os-services?binary=nova-compute");
    assert_int_equal(built(&t), ACT_SEND);
    act_end(&t);
}

/* A move waits for its confirmation; some clouds give it by themselves. */
static void a_cold_move_ends_where_it_waits(void **state)
{
    static const char there[] = "{'id':'u1','status':'VERIFY_RESIZE','OS-EXT-STS:vm_state':'resized','OS-EXT-STS:task_state':null,'OS-EXT-SRV-ATTR:host':'cmp-2','hostId':'bb','updated':'2001-09-09T01:46:40Z'}";
    struct act_case t;
    (void)state;
    act_case(&t, "migrate", "server", SERVER("resized", "VERIFY_RESIZE", ""));
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "confirm-resize or revert-resize comes first");
    t.c.obj = own(&t, ACTIVE);
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "POST", "/servers/u1/action", "{'migrate':null}");
    sent(&t, ACTIVE);
    asked(&t, 1, "/os-migrations?instance_uuid=u1");
    act_beside(&t, 0, 200, DONE("migrate"));
    act_beside(&t, 1, 200, MOVE("migration", "finished", "cmp-2"));
    assert_int_equal(seen(&t, there), SEEN_DONE);
    assert_string_equal(t.why.data, "it is VERIFY_RESIZE on cmp-2; confirm-resize keeps it so, revert-resize takes it back");
    back(&t, "revert-resize", "");
    act_beside(&t, 1, 200, MOVE("migration", "confirmed", "cmp-2"));
    assert_int_equal(seen(&t, ACTIVE), SEEN_DONE);
    act_beside(&t, 1, 200, MOVE("migration", "migrating", "cmp-2"));
    assert_int_equal(seen(&t, ACTIVE), SEEN_WAIT);
    assert_non_null(strstr(t.why.data, "its move to cmp-2 is migrating"));
    act_end(&t);
}

static void a_confirmation_ends_with_its_row(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "confirm-resize", "server", ACTIVE);
    assert_int_equal(built(&t), ACT_ALREADY);
    said(&t, "nothing of it waits for a confirmation");
    sent(&t, SERVER("resized", "VERIFY_RESIZE", ""));
    act_beside(&t, 0, 200, DONE("confirmResize"));
    act_beside(&t, 1, 200, MOVE("resize", "confirming", "cmp-2"));
    assert_int_equal(seen(&t, ACTIVE), SEEN_WAIT);
    act_beside(&t, 1, 200, MOVE("resize", "confirmed", "cmp-2"));
    assert_int_equal(seen(&t, ACTIVE), SEEN_DONE);
    act_end(&t);
    act_case(&t, "revert-resize", "server", ACTIVE);
    assert_int_equal(built(&t), ACT_REFUSED);
    act_end(&t);
}

static void only_a_dead_host_is_evacuated(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "evacuate", "server", ACTIVE);
    act_with(&t, "host", "");
    act_beside(&t, 0, 200, "{'services':[{'host':'cmp-1','state':'up','status':'enabled'}]}");
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "the nova-compute of cmp-1 is up");
    act_beside(&t, 0, 200, "{'services':[{'host':'cmp-1','state':'down','status':'enabled','updated_at':'2001-09-09T01:44:40.000000'}]}");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "POST", "/servers/u1/action", "{'evacuate':{}}");
    assert_int_equal(said(&t, "its own disk is built anew"), FACT_DANGER);
    assert_int_equal(said(&t, "be sure that its host is off"), FACT_DANGER);
    said(&t, "cmp-1 is down, last heard of 2m ago");
    sent(&t, ACTIVE);
    act_beside(&t, 0, 200, DONE("evacuate"));
    act_beside(&t, 1, 200, MOVE("evacuation", "accepted", "cmp-2"));
    assert_int_equal(seen(&t, ACTIVE), SEEN_WAIT);       /* where it was: not yet */
    assert_int_equal(seen(&t, "{'id':'u1','status':'ACTIVE','OS-EXT-SRV-ATTR:host':'cmp-2','updated':'2001-09-09T01:46:41Z'}"), SEEN_DONE);
    act_beside(&t, 0, 200, "{'instanceAction':{'action':'evacuate','events':[]}}");
    act_beside(&t, 1, 200, MOVE("evacuation", "error", "cmp-2"));
    assert_int_equal(seen(&t, ACTIVE), SEEN_FAILED);
    act_end(&t);
}

static void a_lock_has_a_reason_where_the_cloud_keeps_one(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "lock", "server", ACTIVE);
    act_with(&t, "reason", "audit");
    t.c.offers = "2.72";
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "POST", "/servers/u1/action", "{'lock':null}");
    said(&t, "this cloud keeps no reason");
    t.c.offers = "2.73";
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "POST", "/servers/u1/action", "{'lock':{'locked_reason':'audit'}}");
    t.c.obj = own(&t, SERVER("active", "ACTIVE", ",'locked':true,'locked_reason':'disk'"));
    assert_int_equal(built(&t), ACT_ALREADY);
    said(&t, "it is locked already, disk");
    act_end(&t);
    act_case(&t, "unlock", "server", SERVER("active", "ACTIVE", ",'locked':true,'locked_reason':'disk'"));
    assert_int_equal(built(&t), ACT_SEND);
    sent(&t, SERVER("active", "ACTIVE", ",'locked':true,'locked_reason':'disk'"));
    assert_int_equal(seen(&t, SERVER("active", "ACTIVE", ",'locked':true")), SEEN_WAIT);
    assert_int_equal(seen(&t, SERVER("active", "ACTIVE", ",'locked':false")), SEEN_DONE);
    back(&t, "lock", "reason=disk\n");
    act_end(&t);
}

static void a_record_that_is_set_says_what_is_forgotten(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "reset-state", "server", "{'status':'MIGRATING','OS-EXT-STS:vm_state':'active','OS-EXT-STS:task_state':'migrating'}");
    act_with(&t, "state", "active");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "POST", "/servers/u1/action", "{'os-resetState':{'state':'active'}}");
    assert_int_equal(said(&t, "what Nova is doing with it (migrating) is not stopped"), FACT_DANGER);
    assert_true(action_flags(t.c.action) & ACTION_DANGER);
    static const struct { const char *status, *vm; } kept[] = {{"RESCUE", "rescued"}, {"PAUSED", "paused"}, {"SHELVED", "shelved"}};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        char obj[120], fact[80];
        snprintf(obj, sizeof obj, "{'status':'%s','OS-EXT-STS:vm_state':'%s'}", kept[i].status, kept[i].vm);
        snprintf(fact, sizeof fact, "it is %s: after this Nova does not know any more what it keeps of it", kept[i].status);
        t.c.obj = own(&t, obj);
        assert_int_equal(built(&t), ACT_SEND);
        assert_int_equal(said(&t, fact), FACT_DANGER);
    }
    t.c.obj = own(&t, ACTIVE);
    assert_int_equal(built(&t), ACT_SEND);
    assert_int_equal(said(&t, "it is active already, and nothing is shown as under way: it is sent all the same"), FACT_INFO);
    t.args[0].value = "stopped";
    assert_int_equal(built(&t), ACT_REFUSED);
    act_end(&t);
}

#define IMAGE(id, name, status) "{'id':'" id "','name':'" name "','status':'" status "','disk_format':'raw','created_at':'2001-09-09T01:46:41Z','instance_uuid':'u1'}"

static void images_are_named_by_name_or_id(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "rebuild", "server", ACTIVE);
    asked(&t, 0, "/images/aaaaaaaa-0000-4000-8000-000000000001");          /* the one it has */
    act_beside(&t, 0, 200, IMAGE("aaaaaaaa-0000-4000-8000-000000000001", "base", "active"));
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "POST", "/servers/u1/action", "{'rebuild':{'imageRef':'aaaaaaaa-0000-4000-8000-000000000001'}}");
    assert_int_equal(said(&t, "all that is on its root disk is lost: it is written anew from image base"), FACT_DANGER);
    act_with(&t, "image", "new one");
    asked(&t, 0, "/images?limit=100&name=new%20one");
    act_beside(&t, 0, 200, "{'images':[" IMAGE("i7", "new one", "active") "]}");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "POST", "/servers/u1/action", "{'rebuild':{'imageRef':'i7'}}");
    act_beside(&t, 0, 200, "{'images':[" IMAGE("i7", "new one", "active") "," IMAGE("i8", "new one", "active") "]}");
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "2 images are called new one: give the id of one");
    act_beside(&t, 0, 200, "{'images':[" IMAGE("i7", "new one", "queued") "]}");
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "is queued: nothing can start from it");
    t.c.obj = own(&t, SERVER("active", "ACTIVE", ",'image':''"));
    t.c.offers = "2.92";
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "from microversion 2.93 on: this cloud has 2.92");
    act_end(&t);
}

static void a_snapshot_ends_with_its_image(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "snapshot", "server", ACTIVE);
    act_with(&t, "name", "copy");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "POST", "/servers/u1/action", "{'createImage':{'name':'copy'}}");
    sent(&t, ACTIVE);
    t.c.answer = own(&t, "{'image_id':'i9'}");
    asked(&t, 1, "/images/i9");
    act_beside(&t, 0, 200, DONE("createImage"));
    act_beside(&t, 1, 200, IMAGE("i9", "copy", "saving"));
    assert_int_equal(seen(&t, ACTIVE), SEEN_WAIT);
    act_beside(&t, 1, 200, IMAGE("i9", "copy", "active"));
    assert_int_equal(seen(&t, ACTIVE), SEEN_DONE);
    act_beside(&t, 1, 404, NULL);
    assert_int_equal(seen(&t, ACTIVE), SEEN_FAILED);
    assert_non_null(strstr(t.why.data, "Nova takes it away when the copy fails"));
    t.c.answer = NULL;                                    /* lost: by its name and time */
    t.c.request_id = "";
    act_beside(&t, 0, 200, "{'instanceActions':[]}");
    asked(&t, 1, "/images?limit=20&sort=created_at:desc&name=copy");
    act_beside(&t, 1, 200, "{'images':[]}");
    assert_int_equal(t.c.action->arrived(&t.c), ARRIVED_NO);
    act_beside(&t, 1, 200, "{'images':[" IMAGE("i9", "copy", "active") "]}");
    assert_int_equal(t.c.action->arrived(&t.c), ARRIVED_YES);
    assert_int_equal(seen(&t, ACTIVE), SEEN_DONE);
    act_end(&t);
}

static void what_is_lost_with_a_server_is_told(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "delete", "server", SERVER("active", "ACTIVE", LOCAL ",'locked':true,'os-extended-volumes:volumes_attached':[{'id':'v1','delete_on_termination':true},"
             "{'id':'v2','delete_on_termination':false}],'addresses':{'net':[{'addr':'10.0.0.5','OS-EXT-IPS:type':'fixed'},{'addr':'192.0.2.7','OS-EXT-IPS:type':'floating'}]}"));
    assert_int_equal(built(&t), ACT_SEND);
    assert_string_equal(t.rq.method, "DELETE");
    assert_string_equal(t.rq.path.data, "/servers/u1");
    assert_int_equal(said(&t, "1 of its 2 volumes is deleted with it"), FACT_DANGER);
    assert_int_equal(said(&t, "what is on its own disk is lost"), FACT_DANGER);
    said(&t, "1 volume stays, detached");
    said(&t, "floating IP 192.0.2.7 stays");
    said(&t, "it is locked");
    sent(&t, ACTIVE);
    assert_int_equal(seen(&t, SERVER("deleted", "DELETED", "")), SEEN_WAIT);      /* Nova shows that a moment before it is gone */
    assert_int_equal(seen(&t, SERVER("soft-delete", "SOFT_DELETED", "")), SEEN_DONE);
    back(&t, "restore", "");
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "restore calls it back, force-delete ends it");
    t.c.obj = NULL;
    assert_int_equal(seen(&t, NULL), SEEN_DONE);
    back(&t, NULL, "");
    act_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flavor_is_named_by_name_or_id), cmocka_unit_test(a_cold_move_ends_where_it_waits), cmocka_unit_test(a_confirmation_ends_with_its_row),
        cmocka_unit_test(only_a_dead_host_is_evacuated), cmocka_unit_test(a_lock_has_a_reason_where_the_cloud_keeps_one),
        cmocka_unit_test(a_record_that_is_set_says_what_is_forgotten), cmocka_unit_test(images_are_named_by_name_or_id),
        cmocka_unit_test(a_snapshot_ends_with_its_image), cmocka_unit_test(what_is_lost_with_a_server_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
