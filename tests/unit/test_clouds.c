/* clouds.yaml: every outcome below is what openstacksdk 0.101 (Zed) made of the same files and variables. */
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

#include "strata/clouds.h"
#include "strata/mem.h"

struct fixture { char dir[64], home[80], old[4096]; struct clouds *clouds; struct cloud cloud; struct err err; };

static void put(const struct fixture *f, const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", f->dir, name);
    if (!text) {
        remove(path);
        return;
    }
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    strcpy(f->dir, "/tmp/strata-cl-XXXXXX");
    if (!mkdtemp(f->dir) || !getcwd(f->old, sizeof f->old) || chdir(f->dir))
        return -1;
    snprintf(f->home, sizeof f->home, "HOME=%s", f->dir);
    *state = f;
    return 0;
}

static void forget(struct fixture *f)
{
    cloud_free(&f->cloud);
    clouds_free(f->clouds);
    f->clouds = NULL;
    f->err = (struct err)ERR_INIT;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"clouds.yaml", "clouds.yml", "clouds.json", "secure.yaml", "clouds-public.yaml", "other.yaml",
                                        ".config/openstack/clouds.yaml", ".config/openstack", ".config"};
    forget(f);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put(f, names[i], NULL);
    if (chdir(f->old))
        return -1;
    rmdir(f->dir);
    free(f);
    return 0;
}

/* Variables separated by blanks. Loads, and resolves `name` (NULL: the default cloud). */
static enum err_code get(struct fixture *f, const char *variables, const char *name, const char *region)
{
    char copy[600], *env[30] = {f->home, "XDG_CONFIG_DIRS=/nonexistent"}, *save;
    size_t n = 2;
    snprintf(copy, sizeof copy, "%s", variables);
    for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
        env[n++] = w;
    forget(f);
    enum err_code rc = clouds_load(&f->clouds, env, &f->err);
    if (rc)
        return rc;
    if (!name && !(name = clouds_default(f->clouds)))
        return err_set(&f->err, ERR_NOTFOUND, 0, "no default cloud");
    return clouds_get(f->clouds, name, region, &f->cloud, &f->err);
}

/* "field=value" of the struct, or of a setting ("compute_api_version=2.1") or service ("volume.interface=q"). */
static const char *field(const struct cloud *c, const char *name)
{
    static _Thread_local char number[8];
    const struct { const char *name, *value; } all[] = {
        {"name", c->name}, {"region", c->region}, {"auth_type", c->auth_type}, {"auth_url", c->auth_url}, {"username", c->username},
        {"user_id", c->user_id}, {"password", c->password}, {"token", c->token}, {"passcode", c->passcode},
        {"user_domain_name", c->user_domain_name}, {"user_domain_id", c->user_domain_id}, {"project_name", c->project_name},
        {"project_id", c->project_id}, {"project_domain_name", c->project_domain_name}, {"project_domain_id", c->project_domain_id},
        {"domain_name", c->domain_name}, {"domain_id", c->domain_id}, {"system_scope", c->system_scope}, {"app_cred_id", c->app_cred_id},
        {"app_cred_name", c->app_cred_name}, {"app_cred_secret", c->app_cred_secret}, {"endpoint", c->endpoint},
        {"interface", c->interface}, {"cacert", c->cacert}, {"cert", c->cert}, {"key", c->key}, {"where", c->where},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i].name, name))
            return all[i].value;
    snprintf(number, sizeof number, "%d", c->verify);
    if (!strcmp(name, "verify"))
        return number;
    const char *dot = strchr(name, '.');
    char service[60];
    if (!dot)
        return cloud_setting(c, name);
    snprintf(service, sizeof service, "%.*s", (int)(dot - name), name);
    return cloud_service_setting(c, service, dot + 1);
}

/* Lines "name=value"; "name=" means unset. */
static void expect(const struct fixture *f, const char *what, const char *lines)
{
    char copy[900], *save;
    snprintf(copy, sizeof copy, "%s", lines);
    for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *equals = strchr(line, '=');
        *equals = '\0';
        const char *value = field(&f->cloud, line);
        if (strcmp(value ? value : "", equals + 1) != 0)
            fail_msg("%s: %s is \"%s\", not \"%s\"", what, line, value ? value : "", equals + 1);
    }
}

/* one cloud "c": its lines, and what comes out (NULL: refused) */
#define UP "auth: {auth_url: http://k, username: u, password: p}\n"
static const struct { const char *cloud, *result; } cases[] = {
    {UP, "name=c\nauth_type=password\nauth_url=http://k\nusername=u\npassword=p\ninterface=public\nverify=1\nregion=\nnetwork.api_version=2"},
    /* YAML 1.1 */
    {"auth: {auth_url: http://k, username: u, password: 0123, project_id: 12}", "password=83\nproject_id=12"},
    {"auth: {auth_url: http://k, username: 1:30, password: 1_000, project_name: 0x1F}", "username=90\npassword=1000\nproject_name=31"},
    {"auth: {auth_url: http://k, username: 1.50, password: 1e5, project_name: 1.5e+3, project_id: 1.5e+300}",
     "username=1.5\npassword=1e5\nproject_name=1500.0\nproject_id=1.5e+300"},
    {"auth: {auth_url: http://k, username: .5, password: -.inf, project_name: 0b11, project_id: 0o17}",
     "username=0.5\npassword=-inf\nproject_name=3\nproject_id=0o17"},
    {"auth: {auth_url: http://k, username: 089, password: +12, project_name: 1.0e-7, project_id: -0x1f}",
     "username=089\npassword=12\nproject_name=1e-07\nproject_id=-31"},
    {"auth: {auth_url: http://k, username: 12e03, password: 123456789012345678, project_name: 0.1, project_id: 1e+3}",
     "username=12e03\npassword=123456789012345678\nproject_name=0.1\nproject_id=1e+3"},
    {"auth: {auth_url: http://k, username: u, password: 100.0, project_name: 1_000.5, project_id: 190:20:30.15}",
     "password=100.0\nproject_name=1000.5\nproject_id=685230.15"},
    {"auth: {auth_url: http://k, username: y, password: ~x, project_name: 'null', project_id: on}",
     "username=y\npassword=~x\nproject_name=null\nproject_id=True"},
    /* TLS */
    {UP "verify: \"false\"", "verify=1\ncacert=false"}, {UP "verify: false", "verify=0"}, {UP "verify: 0", "verify=1\ncacert=0"},
    {UP "verify: ''", "verify=0"}, {UP "verify:", "verify=1\ncacert="}, {UP "insecure: true\ncacert: /x", "verify=0\ncacert="},
    {UP "insecure: 'yes'\ncacert: /x", "verify=1\ncacert=/x"}, {UP "insecure: 'True'", "verify=0"}, {UP "insecure: 1", NULL},
    {UP "cert: /c\nkey: /k", "cert=/c\nkey=/k"}, {UP "cert: /c", "cert=/c\nkey="}, {UP "key: /k", "cert=\nkey="},
    {UP "verify: /some/ca\ncacert: /y", "cacert=/y"},
    /* names inside and outside auth */
    {"username: out\nauth: {auth_url: http://k, username: in, password: p}", "username=in"},
    {"user_name: out\nauth: {auth_url: http://k, password: p}", "username=out"},
    {"project_name: out\nproject_id: oid\nauth: {auth_url: http://k, username: u, password: p, project_name: in}", "project_name=in\nproject_id=oid"},
    {"tenant_name: t\nproject_name: p\nauth: {auth_url: http://k, username: u, password: p, tenant_id: x, tenant-name: y}", "project_name=p\nproject_id=x"},
    {"auth_url: http://out\npassword: out\nauth: {username: u}", "auth_url=http://out\npassword=out"},
    {"domain_name: X\nauth: {auth_url: http://k, username: u, password: p, project_name: q}", "user_domain_name=X\nproject_domain_name=X\ndomain_name="},
    {"auth: {auth_url: http://k, username: u, password: p, project_name: q, domain_id: dd, user_domain_name: U}",
     "user_domain_name=U\nuser_domain_id=dd\nproject_domain_id=dd\ndomain_id="},
    {"auth: {auth_url: http://k, username: u, password: p, domain_id: dd}", "domain_id=dd\nuser_domain_id="},
    {"auth: {auth_url: http://k, username: u, password: p, system_scope: all}", "system_scope=all"},
    {"auth: {auth_url: http://k, username: u, password: p, user-domain-name: UD, project-name: PN}", "user_domain_name=UD\nproject_name=PN"},
    /* kinds of authentication */
    {"auth_type: v3token\nauth: {auth_url: http://k, token: t, project_name: p, project_domain_id: d}", "auth_type=v3token\ntoken=t"},
    {"auth_type: v3token\nauth: {auth_url: http://k, token: t, project_name: p}", NULL},
    {"auth_type: token\ntoken: out\nauth: {auth_url: http://k, token: in}", "token=in"},
    {"auth_type: token\nauth-token: t2\nauth: {auth_url: http://k}", "token=t2"},
    {"auth_type: v3applicationcredential\nauth: {auth_url: http://k, application_credential_id: i, application_credential_secret: s}",
     "app_cred_id=i\napp_cred_secret=s"},
    {"auth_type: v3totp\npasscode: 123456\nauth: {auth_url: http://k, username: u, user_domain_id: d}", "passcode=123456"},
    {"auth_type: v3totp\nauth: {auth_url: http://k, username: u, user_domain_id: d, passcode: 012345}", "passcode=5349"},
    {"auth_type: none\nauth: {endpoint: http://e}", "auth_type=none\nendpoint=http://e"}, {"auth_type:\nendpoint: http://e", "auth_type=none\nendpoint=http://e"},
    {"auth_type: token_endpoint\nauth: {url: http://e, token: t}", "auth_type=admin_token\nendpoint=http://e\ntoken=t"},
    {"auth_type: admin_token\nendpoint: http://e\ntoken: 5", "endpoint=http://e\ntoken=5"},
    {"auth_plugin: v3token\n" UP, "auth_type=password"},
    {"auth_type: v2password\nauth: {auth_url: http://k, username: u, password: p, project_name: q, tenant_id: w}", "project_name=q\nproject_id=w"},
    {"auth: {username: u}", NULL}, {"profile: nope\nauth: {username: u, password: p}", NULL}, {"auth_type: v3password\n" UP, NULL},
    /* interfaces and services */
    {UP "endpoint_type: internal", "interface=internal"}, {UP "compute_endpoint_type: admin\nvolume_endpoint_type: q",
     "interface=public\ncompute.interface=admin\nblock-storage.interface=q\nvolume.interface=q\nnetwork.interface="},
    {UP "interface: [internal, public]", "interface=internal,public"},
    {UP "compute_api_version: 2.10\nvolume-api-version: 3\ncompute_default_microversion: '2.79'\nblock_storage_endpoint_override: http://b\n"
     "volume_endpoint_override: http://v", "compute.api_version=2.1\nblock-storage.api_version=3\ncompute.default_microversion=2.79\n"
     "volumev3.endpoint_override=http://b"},
    {UP "network-endpoint-override: http://n\nimage_region_name: R9", "network.endpoint_override=http://n\nimage.region_name=R9"},
    {UP "api_timeout: 5\ncompute_timeout: 7", "api_timeout=7\ncompute_timeout="},
    /* regions */
    {UP "region_name: R1", "region=R1"}, {UP "region-name: R1", "region=R1"}, {UP "region_name: R1,R2", "region=R1"}, {UP "region_name: 5", "region=5"},
    {UP "regions: [a, b]", "region=a"}, {UP "regions: [x]\nregion_name: y", "region=x"}, {UP "regions: []", "region="},
    {UP "regions:\n    - name: a\n      values: {auth: {project_name: rp}, interface: admin, cacert: }\n    - b\n    cacert: /c",
     "region=a\nproject_name=rp\nusername=u\ninterface=admin\ncacert=/c"},
    {UP "regions:\n    - {name: a, value: {}}", NULL},
    /* placeholders */
    {"region_name: R\nauth: {auth_url: 'http://{region_name}.k', username: u, password: 'a{b}'}", "auth_url=http://R.k\npassword=a{b}"},
    {"auth: {auth_url: 'http://{nope}.k', username: u, password: p}", NULL}, {UP "foo: '{'", NULL}, {UP "foo: '{nope}'", NULL},
    {UP "foo: 'a}}b{{c}}'", "foo=a}b{c}"},
    {UP "foo: bar\ncompute_endpoint_override: 'http://{foo}/{interface}/{verify}/{cert}/{auth[username]}'",
     "compute.endpoint_override=http://bar/public/True/None/u"},
    {"password: 'a{b'\nauth: {auth_url: http://k, username: u}", "password=a{b"},
};

static void test_one_cloud(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1500] = "clouds:\n  c:\n    ", *out = text + strlen(text);
        for (const char *p = cases[i].cloud; *p; p++) {
            *out++ = *p;
            if (*p == '\n' && p[1] && p[1] != ' ')
                out += sprintf(out, "    ");
        }
        strcpy(out, "\n");
        put(f, "clouds.yaml", text);
        enum err_code rc = get(f, "", NULL, NULL);
        if ((rc == ERR_OK) != (cases[i].result != NULL))
            fail_msg("%s: %s", cases[i].cloud, rc ? f->err.msg : "taken, but should be refused");
        if (rc) {
            assert_int_equal(rc, ERR_CONFIG);
            assert_non_null(strstr(f->err.msg, "clouds.yaml"));
            assert_null(f->cloud.name);
        } else {
            expect(f, cases[i].cloud, cases[i].result);
        }
    }
}

static const char plain[] = "clouds:\n  c:\n    auth: {auth_url: http://k, username: u, password: p}\n";

static void test_environment(void **state)
{
    struct fixture *f = *state;
    put(f, "clouds.yaml", plain);
    assert_int_equal(get(f, "OS_USERNAME=eu OS_AUTH_URL=http://e OS_PASSWORD=0123", NULL, NULL), ERR_OK);
    expect(f, "env", "name=envvars\nusername=eu\npassword=0123\nauth_url=http://e\nwhere=environment");
    assert_int_equal(clouds_count(f->clouds), 2);
    assert_int_equal(get(f, "OS_USERNAME=eu OS_AUTH_URL=http://e OS_CLOUD=c", NULL, NULL), ERR_OK);
    expect(f, "OS_CLOUD", "name=c\nusername=u");
    assert_int_equal(get(f, "OS_REGION_NAME=R OS_TEST_X=1 OS_LOG_Y=2 OS_STDOUT_Z=3", NULL, NULL), ERR_OK);
    expect(f, "selectors", "name=c\nregion=");
    assert_int_equal(clouds_count(f->clouds), 1);
    assert_int_equal(get(f, "OS_FOO=", NULL, NULL), ERR_CONFIG);          /* an envvars cloud without auth_url */
    assert_string_equal(clouds_default(f->clouds), "envvars");
    assert_int_equal(get(f, "OS_CLOUD_NAME=mine OS_AUTH_URL=http://e OS_USERNAME=u OS_PASSWORD=p OS_TENANT_NAME=tn OS_PROJECT_DOMAIN_ID=default "
                            "OS_USER_DOMAIN_ID=default OS_INSECURE=true OS_INTERFACE=internal OS_REGION_NAME=RR OS_ENDPOINT_TYPE=internalURL",
                         NULL, NULL), ERR_OK);
    expect(f, "mine", "name=mine\nproject_name=tn\nproject_domain_id=default\nverify=0\ninterface=internalURL\nregion=RR");
    assert_int_equal(get(f, "OS_CLOUD_NAME=c", NULL, NULL), ERR_CONFIG);  /* clashes with the file's */
    assert_non_null(strstr(f->err.msg, "must not be named"));
    assert_int_equal(get(f, "OS_CLOUD=zz", NULL, NULL), ERR_NOTFOUND);
    assert_non_null(strstr(f->err.msg, "known: c"));
    put(f, "clouds.yaml", NULL);
    assert_int_equal(get(f, "", NULL, NULL), ERR_NOTFOUND);
    assert_int_equal(clouds_count(f->clouds), 0);
    assert_non_null(strstr(clouds_searched(f->clouds), "/.config/openstack/clouds.yml"));
    assert_non_null(strstr(clouds_searched(f->clouds), "/etc/openstack/clouds.json"));
}

static void test_files(void **state)
{
    struct fixture *f = *state;
    char variable[200];
    mkdir(".config", 0700);
    mkdir(".config/openstack", 0700);
    put(f, ".config/openstack/clouds.yaml", "clouds: {home: {auth: {auth_url: http://home}}}");
    assert_int_equal(get(f, "", NULL, NULL), ERR_OK);
    expect(f, "home", "name=home");
    put(f, "clouds.json", "{\"clouds\": {\"j\": {\"auth\": {\"auth_url\": \"http:\\/\\/j\", \"password\": 12}}}}");
    assert_int_equal(get(f, "", NULL, NULL), ERR_OK);
    expect(f, "json", "name=j\nauth_url=http://j\npassword=12");
    put(f, "other.yaml", "clouds: {o: {auth: {auth_url: http://o}}}");
    snprintf(variable, sizeof variable, "OS_CLIENT_CONFIG_FILE=%s/other.yaml", f->dir);
    assert_int_equal(get(f, variable, NULL, NULL), ERR_OK);
    expect(f, "named", "name=o");
    assert_non_null(strstr(clouds_file(f->clouds), "other.yaml"));
    assert_int_equal(get(f, "OS_CLIENT_CONFIG_FILE=/nonexistent", NULL, NULL), ERR_OK);
    expect(f, "named, not there", "name=j");
    mkdir("clouds.yaml", 0700);                                          /* a directory of that name is skipped */
    assert_int_equal(get(f, "", NULL, NULL), ERR_OK);
    expect(f, "directory", "name=j");
    rmdir("clouds.yaml");
    put(f, "clouds.yaml", "");                                           /* an empty file ends the search */
    assert_int_equal(get(f, "", NULL, NULL), ERR_NOTFOUND);
    assert_int_equal(clouds_count(f->clouds), 0);
}

static void test_secure_and_profile(void **state)
{
    struct fixture *f = *state;
    put(f, "clouds.yaml", plain);
    put(f, "secure.yaml", "clouds: {c: {auth: {password: 007}}, d: {auth: {auth_url: x}}}\n");
    assert_int_equal(get(f, "", "c", NULL), ERR_OK);
    expect(f, "secure", "password=7\nusername=u");
    assert_null(clouds_default(f->clouds));                              /* two clouds now */
    assert_int_equal(clouds_count(f->clouds), 2);
    put(f, "secure.yaml", "clouds: [\n");
    assert_int_equal(get(f, "", "c", NULL), ERR_OK);                     /* said; the rest works */
    assert_non_null(strstr(clouds_problems(f->clouds), "secure.yaml:2"));
    put(f, "secure.yaml", NULL);
    put(f, "clouds-public.yaml", "public-clouds:\n  pp:\n    auth: {auth_url: http://prof, user_domain_name: PD}\n    regions: [pa, pb]\n    interface: internal\n");
    put(f, "clouds.yaml", "clouds:\n  c:\n    profile: pp\n    auth: {username: u, password: p}\n");
    assert_int_equal(get(f, "", NULL, NULL), ERR_OK);
    expect(f, "profile", "auth_url=http://prof\nuser_domain_name=PD\nregion=pa\ninterface=internal\nusername=u");
    assert_int_equal(get(f, "", NULL, "pb"), ERR_OK);
    expect(f, "profile", "region=pb");
    put(f, "clouds.yaml", "clouds:\n  c:\n    cloud: pp\n    region_name: pb\n    auth: {username: u, password: p}\n");
    assert_int_equal(get(f, "", NULL, NULL), ERR_OK);
    expect(f, "old word", "region=pb");
    mkdir(".config", 0700);
    mkdir(".config/openstack", 0700);
    put(f, "clouds.yaml", NULL);
    put(f, ".config/openstack/clouds.yaml", "clouds:\n  c:\n    profile: pp\n    auth: {username: u, password: p}\n");
    rename("clouds-public.yaml", ".config/openstack/clouds-public.yaml");
    assert_int_equal(get(f, "", NULL, NULL), ERR_OK);                    /* found in a later place */
    expect(f, "later", "region=pa");
    put(f, ".config/openstack/clouds-public.yaml", NULL);
    put(f, "clouds-public.yaml", "a: [\n");
    assert_int_equal(get(f, "", NULL, NULL), ERR_CONFIG);
    assert_non_null(strstr(f->err.msg, "clouds-public.yaml:2"));
}

static void test_regions(void **state)
{
    struct fixture *f = *state;
    struct strlist list = {NULL, 0, 0};
    put(f, "clouds.yaml", "clouds:\n  c:\n    regions: [a, {name: b, values: {interface: admin}}]\n    auth: {auth_url: http://k}\n  d: {auth: {auth_url: x}}\n");
    assert_int_equal(get(f, "", "c", "b"), ERR_OK);
    expect(f, "b", "region=b\ninterface=admin");
    assert_int_equal(clouds_regions(f->clouds, "c", &list, NULL), ERR_OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[1], "b");
    strlist_release(&list);
    assert_int_equal(clouds_regions(f->clouds, "d", &list, NULL), ERR_OK);
    assert_int_equal(list.count, 0);
    assert_int_equal(get(f, "", "c", "z"), ERR_NOTFOUND);
    assert_non_null(strstr(f->err.msg, "known: a, b"));
    assert_int_equal(get(f, "", "d", "any"), ERR_OK);
    expect(f, "any", "region=any");
}

static void test_broken(void **state)
{
    struct fixture *f = *state;
    static const struct { const char *text, *says; } broken[] = {
        {"clouds: [\n", "clouds.yaml:2"}, {"- a\n", "a mapping is needed"}, {"clouds:\n  c: text\n", "clouds.yaml:2: cloud \"c\" must be"},
        {"clouds: {envvars: {}}\n", "must not be named"}, {"a: 1\n---\nb: 2\n", "second document"}, {"clouds: {c: &x {y: *x}}", "alias"},
        {"clouds: {\"c\\e[0m\": {auth: {}}}", "no auth_url"},
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        put(f, "clouds.yaml", broken[i].text);
        assert_int_equal(get(f, "", NULL, NULL), ERR_CONFIG);
        if (!strstr(f->err.msg, broken[i].says) || strchr(f->err.msg, '\x1b'))
            fail_msg("%s: %s", broken[i].text, f->err.msg);
    }
    put(f, "clouds.yaml", "x: &x {auth_url: http://k, username: u}\ny: &y {username: y, password: q}\nclouds:\n  c:\n    auth: {password: p, <<: [*x, *y]}\n");
    assert_int_equal(get(f, "", NULL, NULL), ERR_OK);
    expect(f, "merge", "auth_url=http://k\nusername=u\npassword=p");
    put(f, "clouds.yaml", "clouds: [\n");                                /* the environment's cloud still works */
    assert_int_equal(get(f, "OS_AUTH_URL=http://e", NULL, NULL), ERR_OK);
    assert_non_null(strstr(clouds_problems(f->clouds), "clouds.yaml:2"));
}

static void test_out_of_memory(void **state)
{
    struct fixture *f = *state;
    put(f, "clouds.yaml", "clouds:\n  c:\n    regions: [a]\n    auth: {auth_url: 'http://{interface}', username: u, password: p}\n    cacert: /x\n");
    for (long n = 1; n < 3000; n++) {
        forget(f);
        mem_fail_at(n, true);
        enum err_code rc = get(f, "", "c", NULL);
        mem_fail_at(0, false);
        if (!rc)
            return;
        assert_true(rc == ERR_NOMEM || rc == ERR_CONFIG || rc == ERR_NOTFOUND);
    }
    fail_msg("never got through");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_one_cloud), T(test_environment), T(test_files), T(test_secure_and_profile), T(test_regions), T(test_broken),
        T(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
