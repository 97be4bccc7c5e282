/* kubeconfig: what kubectl makes of the same files (config view, get --raw), but one wrong entry spoils only itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/kubeconfig.h"
#include "strata/mem.h"

struct fixture { char dir[64]; struct kubeconfig kc; };

static const char *at(struct fixture *f, const char *name)
{
    static _Thread_local char paths[8][160];
    static _Thread_local unsigned next;
    char *p = paths[next++ % 8];
    snprintf(p, sizeof paths[0], "%s/%s", f->dir, name);
    return p;
}

static void put(struct fixture *f, const char *name, const char *text)
{
    FILE *out = fopen(at(f, name), "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    strcpy(f->dir, "/tmp/strata-kc-XXXXXX");
    if (!mkdtemp(f->dir))
        return -1;
    kubeconfig_init(&f->kc);
    setenv("HOME", f->dir, 1);
    unsetenv("KUBECONFIG");
    unsetenv("KUBERNETES_SERVICE_HOST");
    unsetenv("KUBERNETES_SERVICE_PORT");
    unsetenv("STRATA_SERVICEACCOUNT_DIR");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"a", "b", "c", "sub/d", "sub", "token", "ca.crt", "namespace", ".kube/config", ".kube"};
    kubeconfig_free(&f->kc);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        remove(at(f, names[i]));
    rmdir(f->dir);
    free(f);
    return 0;
}

static enum err_code load(struct fixture *f, const char *text, struct err *err)
{
    put(f, "a", text);
    return kubeconfig_load(&f->kc, at(f, "a"), err);
}

static bool says(const struct fixture *f, const char *what)
{
    return f->kc.problems.len && strstr(f->kc.problems.data, what);
}

static const char full[] =
    "apiVersion: v1\nkind: Config\ncurrent-context: x\n"
    "clusters:\n- name: c\n  cluster:\n    server: https://h:6443\n    certificate-authority: pki/../ca.crt\n"
    "    tls-server-name: k8s\n    proxy-url: socks5://p:1\n    disable-compression: true\n"
    "users:\n- name: u\n  user:\n    client-certificate-data: LS0t\n    client-key-data: |\n      aGVs\n      bG8=\n"
    "    tokenFile: tok\n    as: root\n    as-uid: \"7\"\n    as-groups: [g1, g2]\n    as-user-extra: {k: [v1, v2], j: [w]}\n"
    "    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      command: bin/login\n      args: [--a, b]\n"
    "      env: [{name: EN, value: V}]\n      installHint: get it\n      provideClusterInfo: true\n"
    "contexts:\n- name: x\n  context: {cluster: c, user: u, namespace: ns}\n";

static void test_all_fields(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(load(f, full, NULL), ERR_OK);
    const struct kube_cluster *c = kubeconfig_cluster(&f->kc, "c");
    const struct kube_user *u = kubeconfig_user(&f->kc, "u");
    const struct kube_context *x = kubeconfig_context(&f->kc, f->kc.current);
    assert_true(c && u && x);
    assert_string_equal(c->server, "https://h:6443");
    assert_string_equal(c->ca_file, at(f, "ca.crt"));
    assert_string_equal(c->tls_server_name, "k8s");
    assert_string_equal(c->proxy_url, "socks5://p:1");
    assert_true(c->disable_compression);
    assert_false(c->insecure);
    assert_string_equal(u->cert_data, "---");
    assert_string_equal(u->key_data, "hello");
    assert_string_equal(u->token_file, at(f, "tok"));
    assert_string_equal(u->as, "root");
    assert_string_equal(u->as_uid, "7");
    assert_int_equal(u->nas_groups, 2);
    assert_string_equal(u->as_groups[1], "g2");
    assert_int_equal(u->nas_extra, 3);
    assert_string_equal(u->as_extra_keys[1], "k");
    assert_string_equal(u->as_extra_values[1], "v2");
    assert_string_equal(u->exec->command, at(f, "bin/login"));
    assert_string_equal(u->exec->args[0], "--a");
    assert_string_equal(u->exec->env_values[0], "V");
    assert_string_equal(u->exec->install_hint, "get it");
    assert_string_equal(u->exec->dir, f->dir);
    assert_true(u->exec->provide_cluster_info);
    assert_int_equal(u->exec->interactive, EXEC_IF_AVAILABLE);
    assert_string_equal(x->namespace_, "ns");
    assert_null(u->problem);
    assert_int_equal(kubeconfig_check(&f->kc, "x", NULL), ERR_OK);
    assert_int_equal(f->kc.problems.len, 0);
}

static void test_merge(void **state)
{
    struct fixture *f = *state;
    put(f, "a", "clusters: [{name: c, cluster: {server: http://one}}]\ncontexts: [{name: x, context: {cluster: c}}]\n");
    put(f, "b", "current-context: yy\nclusters:\n- {name: c, cluster: {server: http://two, proxy-url: http://p}}\n"
                "- {name: d, cluster: {server: http://d, certificate-authority: ca}}\ncontexts: [{name: x, context: {user: u}}]\n");
    put(f, "c", "current-context: z\n");
    char list[600];
    snprintf(list, sizeof list, ":%s:%s:%s::%s:%s", at(f, "a"), at(f, "none"), at(f, "b"), at(f, "a"), at(f, "c"));
    setenv("KUBECONFIG", list, 1);
    assert_int_equal(kubeconfig_load(&f->kc, NULL, NULL), ERR_OK);
    assert_int_equal(f->kc.nfiles, 3);
    assert_int_equal(f->kc.nclusters, 2);
    assert_string_equal(f->kc.current, "yy");
    const struct kube_cluster *c = kubeconfig_cluster(&f->kc, "c");
    assert_string_equal(c->server, "http://one");
    assert_null(c->proxy_url);                   /* entries are not merged field by field */
    assert_null(kubeconfig_context(&f->kc, "x")->user);
    assert_int_equal(f->kc.problems.len, 0);
}

static void test_broken_file_among_others(void **state)
{
    struct fixture *f = *state;
    put(f, "a", "clusters: [\n  {name: c\n");
    put(f, "b", "current-context: yy\n");
    char list[300];
    snprintf(list, sizeof list, "%s:%s", at(f, "a"), at(f, "b"));
    setenv("KUBECONFIG", list, 1);
    assert_int_equal(kubeconfig_load(&f->kc, NULL, NULL), ERR_OK);
    assert_string_equal(f->kc.current, "yy");
    char place[100];
    snprintf(place, sizeof place, "%s:3: ", at(f, "a"));
    assert_true(says(f, place));
    setenv("KUBECONFIG", at(f, "a"), 1);
    kubeconfig_free(&f->kc);
    struct err err = ERR_INIT;
    assert_int_equal(kubeconfig_load(&f->kc, NULL, &err), ERR_CONFIG);
    assert_non_null(strstr(err.msg, place));
}

static void test_missing(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_INIT;
    assert_int_equal(kubeconfig_load(&f->kc, at(f, "none"), &err), ERR_NOTFOUND);
    assert_non_null(strstr(err.msg, at(f, "none")));
    assert_int_equal(kubeconfig_load(&f->kc, NULL, &err), ERR_NOTFOUND);
    assert_true(says(f, ".kube/config"));
    setenv("KUBECONFIG", at(f, "none"), 1);
    assert_int_equal(kubeconfig_load(&f->kc, NULL, &err), ERR_NOTFOUND);
    mkdir(at(f, ".kube"), 0700);
    put(f, ".kube/config", "current-context: h\n");
    assert_int_equal(kubeconfig_load(&f->kc, NULL, &err), ERR_NOTFOUND);    /* KUBECONFIG set: home is not looked at */
    unsetenv("KUBECONFIG");
    assert_int_equal(kubeconfig_load(&f->kc, NULL, &err), ERR_OK);
    assert_string_equal(f->kc.current, "h");
    assert_int_equal(kubeconfig_load(&f->kc, f->dir, &err), ERR_IO);
}

/* text of a kubeconfig, a piece of the problem, whether context x can still be used */
static const struct { const char *text, *problem; bool usable; } wrong[] = {
    {"clusters: [{name: c, cluster: {server: http://h}}]\nusers:\n- name: u\n  user:\n    password: 0123\n", ":5: password must be a text", false},
    {"clusters: [{name: c, cluster: {server: http://h}}]\nusers: [{name: u, user: {token: 5}}, {name: v}]\n", ":2: token must be", false},
    {"clusters:\n- name: c\n  cluster: {server: http://h, insecure-skip-tls-verify: \"yes\"}\nusers: [{name: u}]\n", ":3: insecure-skip", false},
    {"clusters: [{name: c, cluster: {server: http://h, insecure-skip-tls-verify: y}}]\nusers: [{name: u}]\n", NULL, true},
    {"clusters: [{name: c, cluster: {server: http://h}}]\nusers: [{name: u, user: {client-key-data: aGVsbG8}}]\n", "not valid base64", false},
    {"clusters: [{name: c, cluster: {server: http://h}}]\nusers: [{name: u, user: {client-key-data: '!!!!'}}]\n", "not valid base64", false},
    {"clusters: [{name: c, cluster: {server: http://h}}]\nusers: [{name: u, user: {client-key-data: 'aGVsbG8==='}}]\n", "not valid base64", false},
    {"clusters: [{name: c, cluster: {server: http://h}}]\nusers: [{name: u, user: {token: a, username: b}}]\n", "only one", false},
    {"clusters: [{name: c, cluster: {server: http://h}}]\nusers: [{name: u, user: {token: a, tokenFile: b}}]\n", NULL, true},
    {"clusters: [{name: c, cluster: {server: http://h}}]\nusers: [{name: u, user: {as-groups: [x]}}]\n", "need as", false},
    {"clusters: [{name: c, cluster: {server: http://h}}]\nusers: [{name: u, user: {exec: {command: x}}}]\n", "no apiVersion", false},
    {"clusters: [{name: c, cluster: {server: http://h}}]\nusers: [{name: u, user: {exec: {command: x, apiVersion: client.authentication.k8s.io/v1}}}]\n",
     "needs interactiveMode", false},
    {"clusters: [{name: c, cluster: {server: http://h}}]\nusers: [{name: u, user: {exec: {command: x, interactiveMode: Sometimes, apiVersion: client.authentication.k8s.io/v1}}}]\n",
     "interactiveMode is", false},
    {"clusters: [{name: c, cluster: {server: http://h}}]\nusers: [{name: u, user: {auth-provider: {name: gcp}}}]\n", "\"gcp\" is not supported", false},
    {"clusters: [{name: c, cluster: {}}]\nusers: [{name: u}]\n", NULL, false},
    {"users: [{name: u}]\n", NULL, false},
    {"clusters: [{name: c, cluster: {server: http://h}}]\n", NULL, true},            /* asks as nobody */
    {"clusters: [{name: c, cluster: {server: http://h}}, {name: 5}, 7]\nusers: [{name: u}]\n", "name of an entry of clusters", true},
    {"clusters: [{name: c, cluster: {server: http://h}}, {name: c, cluster: {server: http://i}}]\nusers: [{name: u}]\n", "stands twice", true},
    {"clusters: [{name: c, cluster: {server: http://h, server: http://i}}]\nusers: [{name: u}]\ncurrent-context: 5\n", "current-context", true},
    {"clusters: {}\nusers: [{name: u}]\n", "clusters must be a list", false},
    {"clusters: [{name: c, cluster: {server: https://h, insecure-skip-tls-verify: true, certificate-authority-data: aGVs}}]\nusers: [{name: u}]\n", NULL, false},
    {"clusters: [{name: c, cluster: {server: \"http://h\\e[31m\"}}]\nusers: [{name: \"u\\e]0;x\\a\", user: {token: 5}}, {name: u}]\n", "token", true},
};

static void test_wrong_entries(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[900];
        snprintf(text, sizeof text, "%scontexts: [{name: x, context: {cluster: c, user: u}}]\n", wrong[i].text);
        kubeconfig_free(&f->kc);
        struct err err = ERR_INIT;
        assert_int_equal(load(f, text, &err), ERR_OK);
        if (wrong[i].problem && !says(f, wrong[i].problem))
            fail_msg("case %zu: no \"%s\" in: %s", i, wrong[i].problem, f->kc.problems.len ? f->kc.problems.data : "");
        if (!wrong[i].problem && f->kc.problems.len)
            fail_msg("case %zu: unexpected: %s", i, f->kc.problems.data);
        if ((kubeconfig_check(&f->kc, "x", &err) == ERR_OK) != wrong[i].usable)
            fail_msg("case %zu: usable: %d, %s", i, !wrong[i].usable, err.msg);
        assert_null(f->kc.problems.len ? strchr(f->kc.problems.data, '\x1b') : NULL);
    }
}

static void test_not_a_kubeconfig(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_INIT;
    assert_int_equal(load(f, "[1, 2]", &err), ERR_CONFIG);
    assert_int_equal(load(f, "kind: Pod\napiVersion: v1\n", &err), ERR_CONFIG);
    assert_int_equal(load(f, "apiVersion: v2\n", &err), ERR_CONFIG);
    assert_int_equal(load(f, "\xff\xfe\xfd", &err), ERR_CONFIG);
    assert_int_equal(load(f, "a: &x [*x]\n", &err), ERR_CONFIG);
    assert_int_equal(load(f, "a: [a,a,a,a,a,a,a,a,a,a]\nb: *c\n", &err), ERR_CONFIG);
    assert_non_null(strstr(err.msg, ":2: alias"));
    assert_int_equal(load(f, "", &err), ERR_OK);
    assert_int_equal(load(f, "# nothing\n", &err), ERR_OK);
    assert_int_equal(load(f, "current-context: one\n---\ncurrent-context: [\n", &err), ERR_OK);
    assert_string_equal(f->kc.current, "one");
}

static void test_alias_bomb(void **state)
{
    struct fixture *f = *state;
    char text[2000] = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i,
                 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    struct err err = ERR_INIT;
    assert_int_equal(load(f, text, &err), ERR_CONFIG);
    assert_non_null(strstr(err.msg, "too many"));
    memset(text, '[', 200);
    text[200] = '\0';
    assert_int_equal(load(f, text, &err), ERR_CONFIG);
    assert_non_null(strstr(err.msg, "too deep"));
}

static void test_anchors_and_json(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(load(f, "base: &b {server: http://h, proxy-url: http://p}\nclusters:\n- name: c\n  cluster: {<<: *b, proxy-url: http://q}\n- name: e\n  cluster: {proxy-url: http://q, <<: *b}\n"
                             "- {name: d, cluster: *b}\n", NULL), ERR_OK);
    assert_string_equal(kubeconfig_cluster(&f->kc, "c")->server, "http://h");
    assert_string_equal(kubeconfig_cluster(&f->kc, "c")->proxy_url, "http://q");
    assert_string_equal(kubeconfig_cluster(&f->kc, "d")->proxy_url, "http://p");
    assert_string_equal(kubeconfig_cluster(&f->kc, "e")->proxy_url, "http://p");   /* as Go has it: what stands later wins */
    kubeconfig_free(&f->kc);
    assert_int_equal(load(f, "{\"clusters\":[{\"name\":\"c\",\"cluster\":{\"server\":\"http:\\/\\/h\"}}],\n\t\"current-context\":\"c\"}", NULL), ERR_OK);
    assert_string_equal(kubeconfig_cluster(&f->kc, "c")->server, "http://h");
    assert_string_equal(f->kc.current, "c");
}

static const char *concerns(const struct fixture *f, const char *context, struct str *out)
{
    str_clear(out);
    kubeconfig_concerns(&f->kc, context, out);
    return out->len ? out->data : "";
}

static void test_concerns(void **state)
{
    struct fixture *f = *state;
    struct str s;
    str_init(&s, 65536);
    assert_int_equal(load(f, "clusters:\n"
                             "- {name: c, cluster: {server: http://h, certificate-authority: /x, certificate-authority-data: aGVs}}\n"
                             "- {name: c, cluster: {server: http://i}}\n"
                             "- {name: d, cluster: {server: 5}}\n"
                             "- {name: e, cluster: {server: http://e}}\n"
                             "- 7\n"
                             "users:\n- {name: u, user: {token: 5, username: 6}}\n- {name: v, user: {token: x}}\n"
                             "contexts:\n- {name: good, context: {cluster: e, user: v}}\n- {name: twice, context: {cluster: c, user: v}}\n"
                             "- {name: bad, context: {cluster: c, user: u}}\n- {name: nobody, context: {cluster: e, user: \"w\\e[1m\"}}\n"
                             "- {name: anonymous, context: {cluster: e}}\n", NULL), ERR_OK);
    assert_int_equal(f->kc.nnotes, 5);
    assert_string_equal(concerns(f, "good", &s), "");
    assert_string_equal(concerns(f, "anonymous", &s), "");
    const char *twice = concerns(f, "twice", &s);
    assert_true(strstr(twice, ":2: cluster \"c\": certificate-authority-data is used") && strstr(twice, "stands twice"));
    assert_true(!strstr(twice, "token") && !strstr(twice, ":4:") && !strstr(twice, ":6:"));
    /* the first sentence about the user is kubeconfig_check's, the second is a note */
    const char *bad = concerns(f, "bad", &s);
    assert_true(strstr(bad, "username must be") && !strstr(bad, "token must be"));
    kubeconfig_concerns(&f->kc, "twice", &s);      /* told once for both */
    assert_null(strstr(strstr(s.data, "stands twice") + 1, "stands twice"));
    const char *nobody = concerns(f, "nobody", &s);
    assert_non_null(strstr(nobody, "context \"nobody\" names user \"w"));
    assert_true(strstr(nobody, "is not defined: requests go without credentials\n") && !strchr(nobody, '\x1b'));
    assert_non_null(strstr(nobody, ":6: an entry of clusters"));       /* perhaps it is that one */
    assert_int_equal(kubeconfig_check(&f->kc, "nobody", NULL), ERR_OK);
    str_release(&s);
}

/* A whole file that cannot be read concerns everybody. */
static void test_concerns_file(void **state)
{
    struct fixture *f = *state;
    struct str s;
    str_init(&s, 65536);
    put(f, "a", "clusters: [\n");
    put(f, "b", "clusters: [{name: c, cluster: {server: http://h}}]\nusers: [{name: u, user: {token: 5}}]\n"
                "contexts: [{name: x, context: {cluster: c}}]\n");
    char list[300];
    snprintf(list, sizeof list, "%s:%s", at(f, "a"), at(f, "b"));
    setenv("KUBECONFIG", list, 1);
    assert_int_equal(kubeconfig_load(&f->kc, NULL, NULL), ERR_OK);
    assert_true(strstr(concerns(f, "x", &s), at(f, "a")) && !strstr(s.data, at(f, "b")));
    str_release(&s);
}

static void test_in_cluster(void **state)
{
    struct fixture *f = *state;
    setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
    setenv("KUBERNETES_SERVICE_PORT", "443", 1);
    setenv("STRATA_SERVICEACCOUNT_DIR", f->dir, 1);
    assert_int_equal(kubeconfig_load(&f->kc, NULL, NULL), ERR_NOTFOUND);    /* no token there */
    put(f, "token", "t");
    put(f, "ca.crt", "pem");
    put(f, "namespace", "prod\n");
    assert_int_equal(kubeconfig_load(&f->kc, NULL, NULL), ERR_OK);
    assert_true(f->kc.in_cluster);
    assert_string_equal(f->kc.current, "in-cluster");
    assert_string_equal(f->kc.clusters->server, "https://[fd00::1]:443");
    assert_string_equal(f->kc.clusters->ca_file, at(f, "ca.crt"));
    assert_string_equal(f->kc.users->token_file, at(f, "token"));
    assert_string_equal(f->kc.contexts->namespace_, "prod");
    assert_int_equal(kubeconfig_check(&f->kc, "in-cluster", NULL), ERR_OK);
    kubeconfig_free(&f->kc);
    mkdir(at(f, ".kube"), 0700);
    put(f, ".kube/config", "contexts: [{name: x}]\n");
    assert_int_equal(kubeconfig_load(&f->kc, NULL, NULL), ERR_OK);
    assert_false(f->kc.in_cluster);
}

static void test_out_of_memory(void **state)
{
    struct fixture *f = *state;
    put(f, "a", full);
    for (long n = 1; n < 2000; n++) {
        kubeconfig_free(&f->kc);
        mem_fail_at(n, true);
        struct err err = ERR_INIT;
        enum err_code rc = kubeconfig_load(&f->kc, at(f, "a"), &err);
        mem_fail_at(0, false);
        if (rc == ERR_OK && f->kc.nusers && !f->kc.problems.failed)
            return;
        assert_true(rc == ERR_NOMEM || rc == ERR_CONFIG || rc == ERR_IO);
    }
    fail_msg("never got through");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_all_fields), T(test_merge), T(test_broken_file_among_others), T(test_missing), T(test_wrong_entries),
        T(test_not_a_kubeconfig), T(test_alias_bomb), T(test_anchors_and_json), T(test_concerns), T(test_concerns_file),
        T(test_in_cluster), T(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
