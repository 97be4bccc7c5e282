/* The client and the list poller on the wire: a small Keystone and Nova of canned answers on loopback. Token, catalog,
 * version discovery, the 403 fallback, pages whose links name wrong hosts, deltas, renewal on 401, broken answers. */
#include "poll_server.h"

/* ---- fixture ---- */
static bool decode(struct rowbuf *rb, const json_t *it, struct ostk_source *os, int64_t now)
{
    const char *s = ostk_json_str(it, "status");
    (void)os;
    (void)now;
    rowbuf_health(rb, s && !strcmp(s, "BUILD") ? HEALTH_BUSY : HEALTH_OK);
    return true;
}
static const struct column cols[] = {{.id = "name", .type = COL_TEXT, .path = "name"},
                                     {.id = "status", .type = COL_TEXT, .path = "status"}};
static const struct ostk_kind ok = {.service = "compute", .path = "/servers/detail", .path_all = "?all_tenants=1", .list_key = "servers",
                                    .paging = OSTK_MARKER, .microversion = "2.93", .changes_since = "changes-since", .poll_s = 5,
                                    .full_s = 600, .decode = decode};
static const struct ostk_kind heat = {.service = "orchestration", .path = "/stacks", .list_key = "stacks", .paging = OSTK_MARKER};
static const struct kind kind = {.id = "server", .plane = PLANE_OPENSTACK, .columns = cols, .ncolumns = 2, .ostk = &ok};
static const struct ostk_kind hosts = {.service = "compute", .path = "/hosts", .list_key = "hosts", .microversion = "2.93", .poll_s = 15, .stirs = "server", .decode = decode};
static const struct kind kind_hosts = {.id = "host", .plane = PLANE_OPENSTACK, .columns = cols, .ncolumns = 2, .ostk = &hosts};
static const struct kind kind_heat = {.id = "stack", .plane = PLANE_OPENSTACK, .columns = cols, .ncolumns = 2, .ostk = &heat};

static const struct ostk_kind by_offset = {.service = "compute", .path = "/shares/detail", .list_key = "shares", .paging = OSTK_OFFSET, .poll_s = 15, .decode = decode};
static const struct kind kind_by_offset = {.id = "share", .plane = PLANE_OPENSTACK, .columns = cols, .ncolumns = 2, .ostk = &by_offset};

static struct net *n;
static struct core core;
static struct ostk_source *os;
static struct feed f;

/* Turns of the loop until cond holds; the clock stands still but for `tick` a turn. */
#define UNTIL(cond, tick)                                  \
    do {                                                   \
        int turns = 0;                                     \
        while (!(cond) && turns++ < 2000) {                \
            net_step(n, 5);                                \
            clock_advance(tick);                           \
        }                                                  \
        assert_true(cond);                                 \
    } while (0)

static int setup(void **st)
{
    struct err err;
    char url[64];
    (void)st;
    clock_freeze(1000000, 1700000000000);
    n = net_new(&err);
    core = (struct core){.net = n, .nsources = 1};
    pthread_mutex_init(&core.lock, NULL);
    assert_true(mbox_init(&core.events, NULL, NULL));
    snprintf(url, sizeof url, "http://127.0.0.1:%d/v3", (int)port);
    struct cloud c = {.name = "t", .auth_type = "password", .auth_url = url, .username = "ann", .password = "pw", .interface = "public",
                      .project_name = "demo", .verify = true, .passcode = mode == MFA ? "123456" : NULL};
    os = (struct ostk_source *)ostk_source_new(&core, n, &c, false);
    assert_non_null(os);
    core.source[0] = &os->base;
    os->base.started = true;
    os->base.ops->start(&os->base);
    mode = mode == MFA ? MFA : FULL;
    tokens = lists = deltas = foreign = all_tenants = changes = 0;
    f = (struct feed){.source = &os->base, .kind = &kind, .store = store_new(1, NULL, NULL)};
    store_set_kind(f.store, &kind);
    return 0;
}

static int setup_mfa(void **st)
{
    mode = MFA;
    return setup(st);
}

static int teardown(void **st)
{
    struct event *e;
    (void)st;
    mode = FULL;
    if (f.priv)
        ostk_poll_driver.close(os, &f);
    os->base.ops->free(&os->base);
    net_timer_cancel(n, core.info_timer);
    store_free(f.store);
    net_free(n);
    while ((e = core_next_event(&core)))
        event_free(e);
    mbox_release(&core.events);
    pthread_mutex_destroy(&core.lock);
    clock_freeze(-1, 0);
    return 0;
}

static enum feed_state state(void)
{
    return store_status(f.store)->state;
}

static const char *status_of(const char *id)
{
    const struct row *r = store_get(f.store, id);
    return r ? r->cell[1].s : "(none)";
}

static void open_live(void)
{
    ostk_poll_driver.open(os, &f);
    UNTIL(state() == FEED_LIVE, 0);
}

/* ---- cases ---- */
static void pages_and_fallback(void **st)
{
    (void)st;
    open_live();
    assert_int_equal(store_count(f.store), 5);
    assert_int_equal(all_tenants, 1);
    assert_int_equal(lists, 3);
    assert_int_equal(foreign, 0);           /* the negotiated version each time, no other path, no other host */
    assert_int_equal(tokens, 1);
    assert_true(store_status(f.store)->partial);
    assert_string_equal(store_status(f.store)->note, "project demo only: not allowed to list all projects");
}

static void pages_by_offset(void **st)
{
    (void)st;
    f.kind = &kind_by_offset;
    store_set_kind(f.store, &kind_by_offset);
    open_live();
    assert_int_equal(store_count(f.store), 1003);
    assert_int_equal(lists, 2);
    assert_int_equal(foreign, 0);
    assert_false(store_status(f.store)->partial);
}

static void trees_are_read_again_where_it_tells_something(void **st)
{
    (void)st;
    const struct kind *k = kind_find("lb-member");
    f.kind = k;
    store_set_kind(f.store, k);
    trees_a = trees_b = stamp_a = pools_a = pools_b = 0;
    ostk_lb_driver.open(os, &f);
    UNTIL(state() == FEED_LIVE, 0);
    assert_int_equal(store_count(f.store), 2);
    assert_true(trees_a == 1 && trees_b == 1 && !foreign);              /* what has no pool is not asked for */
    assert_int_equal(store_get(f.store, "p-b/m")->health, HEALTH_BAD);
    assert_string_equal(row_column(store_get(f.store, "p-a/m"), "subnet-id"), "sub-a");
    UNTIL(trees_b == 2, 1000);                                          /* not well: its members may change alone */
    assert_int_equal(trees_a, 1);                                       /* well, and did not change */
    stamp_a = 7;
    UNTIL(trees_a == 2, 1000);
    UNTIL(!strcmp(row_column(store_get(f.store, "p-a/m"), "address"), "10.0.0.7"), 0);
    assert_string_equal(row_column(store_get(f.store, "p-a/m"), "subnet-id"), "sub-a");
    assert_int_equal(pools_a, 1);                                       /* subnets do not change: asked for once */
    UNTIL(pools_b >= 2, 1000);                                          /* and again where nothing was said */
    mode = HOST_DOWN;
    UNTIL(store_count(f.store) == 1, 1000);                             /* gone meanwhile: its members are, too */
    assert_false(store_status(f.store)->partial);
    assert_int_equal(trees_a, 2);
    mode = DOWN;
    UNTIL(state() == FEED_STALE, 1000);
    assert_int_equal(store_count(f.store), 1);
    ostk_lb_driver.close(os, &f);
}

static void deltas_move_rows(void **st)
{
    (void)st;
    open_live();
    mode = DELTA;
    int full = lists;
    UNTIL(store_get(f.store, "f"), 100);
    assert_int_equal(lists, full);          /* the list was not asked for again */
    assert_string_equal(status_of("a"), "(none)");
    assert_string_equal(status_of("b"), "SHUTOFF");
    assert_string_equal(status_of("c"), "ACTIVE");
    assert_int_equal(store_count(f.store), 5);
    pthread_mutex_lock(&lock);
    assert_non_null(strstr(last_delta, "changes-since=2023-11-14T22%3A13%3A"));
    pthread_mutex_unlock(&lock);
    /* a row in transition: the next look comes within 3 s, not after 5 */
    int before = deltas;
    int64_t at = clock_mono_ms();
    UNTIL(deltas > before, 20);
    assert_true(clock_mono_ms() - at <= 3000);
}

static void a_host_that_falls_brings_a_whole_list_of_its_servers(void **st)
{
    struct feed up = {.source = &os->base, .kind = &kind_hosts, .store = store_new(2, NULL, NULL)};
    (void)st;
    store_set_kind(up.store, &kind_hosts);
    open_live();
    ostk_poll_driver.open(os, &up);
    UNTIL(store_status(up.store)->state == FEED_LIVE, 0);
    int full = lists, before = deltas;
    UNTIL(deltas >= before + 4, 100);
    assert_int_equal(lists, full);          /* as long as it is up, deltas do */
    mode = HOST_DOWN;
    int64_t at = clock_mono_ms();
    UNTIL(lists >= full + 3, 100);
    assert_true(clock_mono_ms() - at <= 35000);
    before = deltas;
    UNTIL(deltas >= before + 4, 100);
    assert_int_equal(lists, full + 3);      /* once */
    ostk_poll_driver.close(os, &up);
    store_free(up.store);
}

/* Its nodes moved: not at the next turn, and not more often than every five seconds however often they move. */
static void what_moved_elsewhere_is_asked_for_soon(void **st)
{
    static const struct kube_kind nodes = {.group = "", .version = "v1", .resource = "nodes"};
    static const struct kind kind_nodes = {.id = "nodes", .plane = PLANE_KUBE, .columns = cols, .ncolumns = 2, .kube = &nodes};
    static const struct source_ops silent;
    struct source cluster = {.core = &core, .ops = &silent};
    struct feed up = {.source = &cluster, .kind = &kind_nodes, .store = store_new(2, NULL, NULL)};
    static struct ostk_kind rare;
    static struct kind kind_rare;
    (void)st;
    rare = ok, rare.poll_s = 60;
    kind_rare = kind, kind_rare.ostk = &rare;
    f.kind = &kind_rare;
    store_set_kind(f.store, &kind_rare);
    store_set_kind(up.store, &kind_nodes);
    store_status(up.store)->state = FEED_LIVE;
    open_live();
    clock_advance(20000);
    for (int i = 0; i < 4; i++) {
        static const char *const is[] = {"Ready", "Ready", "NotReady", "Ready"};
        struct rowbuf *rb = store_rowbuf(up.store);
        rowbuf_begin(rb, &kind_nodes);
        rowbuf_id(rb, "n1", "", "n1");
        rowbuf_text(rb, 1, is[i]);
        rowbuf_created(rb, i);
        assert_true(store_put(up.store, rowbuf_finish(rb)));
        struct snap *now = store_publish(up.store);
        feed_stir(&up, now);
        snap_unref(up.told);
        up.told = now;
        int before = deltas;
        int64_t at = clock_mono_ms();
        if (i == 1) {                       /* it is read anew, and says the same */
            for (int k = 0; k < 50; k++)
                net_step(n, 1), clock_advance(50);
            assert_int_equal(deltas, before);
        } else if (i > 1) {
            UNTIL(deltas > before && f.priv, 50);
            assert_true(clock_mono_ms() - at <= 6000);
            assert_true(i == 2 || clock_mono_ms() - at >= 3000);
            UNTIL(state() == FEED_LIVE, 0);
        }
    }
    snap_unref(up.told);
    store_free(up.store);
}

static void renewed_on_401(void **st)
{
    (void)st;
    open_live();
    clock_advance(60000);
    mode = REFUSE_TOKEN;                    /* once: revoked */
    UNTIL(deltas > 0, 50);
    assert_int_equal(tokens, 2);
    assert_int_equal(state(), FEED_LIVE);
}

static void changed(void *arg, const struct call_reply *r)
{
    *(int *)arg = r->net->status;
}

/* A token that was revoked right before a change: nothing was done, so the change goes out once more, with a new one; a second 401 is
 * the service's own, and the change is not sent a third time. */
static void a_change_after_a_401_is_done_once(void **st)
{
    int status = 0;
    struct err err = ERR_INIT;
    struct call_req rq = {.method = "POST", .service = "compute", .path = "/servers/a/action", .body = "{}", .body_len = 2, .done = changed, .arg = &status};
    (void)st;
    open_live();
    clock_advance(60000);
    mode = REFUSE_CHANGE;
    assert_non_null(source_call(&os->base, &rq, &err));
    UNTIL(status, 0);
    assert_int_equal(status, 202);
    assert_int_equal(changes, 1);
    assert_int_equal(tokens, 2);
    status = 0;
    mode = REFUSE_CHANGE;                    /* and the token is of this moment */
    assert_non_null(source_call(&os->base, &rq, &err));
    UNTIL(status, 0);
    assert_int_equal(status, 401);
    assert_int_equal(changes, 1);
    assert_int_equal(tokens, 2);
}

static void broken_answers_keep_rows(void **st)
{
    static const int modes[] = {CUT, NOT_JSON, DOWN};
    (void)st;
    open_live();
    for (size_t i = 0; i < 3; i++) {
        mode = modes[i];
        ostk_poll_driver.refresh(os, &f);
        UNTIL(state() == FEED_STALE, 50);
        assert_int_equal(store_count(f.store), 5);
        assert_int_equal(os->base.info.state == SOURCE_OK, mode != DOWN);
        assert_true(strlen(store_status(f.store)->err.msg) > 10);
        mode = FULL;
        UNTIL(state() == FEED_LIVE, 200);   /* by itself */
    }
    UNTIL(os->base.info.state == SOURCE_OK, 200);
}

/* An API that asks for patience gets it, and the source says so meanwhile. */
static void patience(void **st)
{
    (void)st;
    open_live();
    mode = BUSY;
    ostk_poll_driver.refresh(os, &f);
    UNTIL(os->base.info.waiting, 0);
    assert_non_null(strstr(os->base.info.err.msg, "compute API asks for patience (HTTP 503): it is asked again in 2"));
    assert_int_equal(os->base.info.state, SOURCE_STALE);
    UNTIL(!os->base.info.waiting && os->base.info.state == SOURCE_OK, 200);
    assert_int_equal(state(), FEED_LIVE);
}

static void link_loop_ends(void **st)
{
    (void)st;
    mode = LOOP;
    open_live();
    assert_true(lists <= 3);
}

static void items_without_an_id(void **st)
{
    (void)st;
    mode = ODD;
    open_live();
    assert_int_equal(store_count(f.store), 5);
    assert_true(store_status(f.store)->partial);
    assert_string_equal(store_status(f.store)->note, "2 of server came without an id and cannot be shown");
    mode = FULL;
    clock_advance(700000);                  /* the next whole list */
    UNTIL(!strstr(store_status(f.store)->note, "without an id"), 50);
}

static void no_such_service(void **st)
{
    (void)st;
    f.kind = &kind_heat;
    store_set_kind(f.store, &kind_heat);
    ostk_poll_driver.open(os, &f);
    UNTIL(state() == FEED_FAILED, 0);
    assert_string_equal(store_status(f.store)->err.msg, "this cloud has no orchestration service");
    assert_int_equal(store_status(f.store)->err.code, ERR_NOTFOUND);      /* so nothing is hidden: views do not tell it as unseen */
}

static void one_token_for_all(void **st)
{
    (void)st;
    struct feed g = {.source = &os->base, .kind = &kind_heat, .store = store_new(1, NULL, NULL)};
    store_set_kind(g.store, &kind_heat);
    ostk_poll_driver.open(os, &g);
    open_live();
    assert_int_equal(tokens, 1);
    ostk_poll_driver.close(os, &g);
    store_free(g.store);
}

static void second_factor_by_receipt(void **st)
{
    (void)st;
    open_live();
    assert_int_equal(tokens, 1);
    assert_int_equal(store_count(f.store), 5);
    os->have_token = false;                 /* revoked: the passcode is spent */
    ostk_poll_driver.refresh(os, &f);
    UNTIL(state() == FEED_STALE, 0);
    assert_non_null(strstr(store_status(f.store)->err.msg, "passcode"));
    assert_int_equal(tokens, 1);
}

static void second_factor_missing(void **st)
{
    (void)st;
    mem_free_secret(os->conf.passcode);
    os->conf.passcode = NULL;
    ostk_poll_driver.open(os, &f);
    UNTIL(state() == FEED_FAILED, 0);
    assert_non_null(strstr(store_status(f.store)->err.msg, "password+totp"));
    assert_int_equal(os->base.info.state, SOURCE_FAILED);
}

static void closed_in_flight(void **st)
{
    (void)st;
    ostk_poll_driver.open(os, &f);
    UNTIL(tokens > 0, 0);
    ostk_poll_driver.close(os, &f);
    for (int i = 0; i < 20; i++)
        net_step(n, 1);
    assert_int_equal(store_count(f.store), 0);
}

int main(void) /*x*/
{
    const struct CMUnitTest tests[] = {
#define CASE(c) cmocka_unit_test_setup_teardown(c, setup, teardown)
        CASE(pages_and_fallback), CASE(pages_by_offset), CASE(trees_are_read_again_where_it_tells_something), CASE(deltas_move_rows), CASE(a_host_that_falls_brings_a_whole_list_of_its_servers), CASE(what_moved_elsewhere_is_asked_for_soon), CASE(renewed_on_401), CASE(a_change_after_a_401_is_done_once), CASE(broken_answers_keep_rows), CASE(patience),
        CASE(link_loop_ends), CASE(items_without_an_id), CASE(no_such_service), CASE(one_token_for_all), cmocka_unit_test_setup_teardown(second_factor_by_receipt, setup_mfa, teardown),
        cmocka_unit_test_setup_teardown(second_factor_missing, setup_mfa, teardown),
        CASE(closed_in_flight),
    };
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    struct err err;
    pthread_t t;
    unsetenv("http_proxy");
    unsetenv("HTTP_PROXY");
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 16) || getsockname(listener, (struct sockaddr *)&a, &len) ||
        !net_global_init(&err) || pthread_create(&t, NULL, server, NULL))
        return 1;
    port = ntohs(a.sin_port);
    pthread_detach(t);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
