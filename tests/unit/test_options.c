/* The option table, the command line, the config file and what is made from the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/config/option_table.h"
#include "strata/mem.h"
#include "strata/options.h"

struct fixture { struct options o; struct str warn; struct err err; char file[64]; };

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    options_init(&f->o);
    str_init(&f->warn, 0);
    strcpy(f->file, "/tmp/strata-opt-XXXXXX");
    close(mkstemp(f->file));
    unsetenv("STRATA_CONFIG");
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    options_release(&f->o);
    str_release(&f->warn);
    unlink(f->file);
    free(f);
    return 0;
}

/* Parses a command line written with blanks. */
static enum err_code parse(struct fixture *f, const char *line)
{
    char copy[400], *argv[40] = {"strata"}, *save;
    int argc = 1;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
        argv[argc++] = w;
    options_release(&f->o);
    str_clear(&f->warn);
    f->err = (struct err)ERR_INIT;
    return options_parse(&f->o, argc, argv, &f->warn, &f->err);
}

static enum err_code parse_with(struct fixture *f, const char *config, const char *line)
{
    FILE *out = fopen(f->file, "w");
    fputs(config, out);
    fclose(out);
    char full[600];
    snprintf(full, sizeof full, "--config %s %s", f->file, line);
    return parse(f, full);
}

static bool warns(const struct fixture *f, const char *what)
{
    if (f->warn.len && strstr(f->warn.data, what))
        return true;
    print_message("warnings: %s\n", f->warn.len ? f->warn.data : "none");
    return false;
}

static void test_cockpit(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(parse(f, ""), ERR_OK);
    assert_null(f->o.verb);
    assert_int_equal(f->o.views.count, 3);
    assert_string_equal(f->o.views.items[1], "os-services");
    assert_true(f->o.ticker);
    assert_null(f->o.config_file);
    assert_int_equal(parse(f, "--kubeconfig k --context a --context b,c --cloud=x --all -n p,q,,r -nlast --view pods,vm --read-only "
                              "--theme mono --ascii"), ERR_OK);
    assert_string_equal(f->o.kubeconfig, "k");
    assert_int_equal(f->o.contexts.count, 2);
    assert_string_equal(f->o.contexts.items[1], "b,c");
    assert_null(f->o.contexts.items[2]);
    assert_string_equal(f->o.clouds.items[0], "x");
    assert_int_equal(f->o.namespaces.count, 4);
    assert_string_equal(f->o.namespaces.items[3], "last");
    assert_int_equal(f->o.views.count, 2);
    assert_true(f->o.all && f->o.read_only && f->o.ascii);
    assert_string_equal(f->o.theme, "mono");
}

static void test_the_noun_first(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(parse(f, "volume attach data --server web-1 --yes"), ERR_OK);       /* attach alone is a verb of its own */
    assert_true(f->o.by_noun);
    assert_string_equal(f->o.verb, "attach");
    assert_string_equal(f->o.args.items[0], "volume");
    assert_string_equal(f->o.args.items[1], "data");
    assert_string_equal(f->o.action_args.items[0], "server=web-1");
    assert_int_equal(parse(f, "attach web-1 -i"), ERR_OK);
    assert_false(f->o.by_noun);
    assert_int_equal(parse(f, "volume attach data -i"), ERR_USAGE);
    assert_int_equal(parse(f, "help volume attach"), ERR_OK);
    assert_true(f->o.help);
    assert_string_equal(f->o.verb, "attach");
    assert_int_equal(parse(f, "help volume fly"), ERR_USAGE);
    assert_int_equal(parse(f, "floating ip disassociate 203.0.113.9"), ERR_OK);          /* a kind of two words; the second of one that is a kind, too */
    assert_string_equal(f->o.args.items[0], "floating-ip");
    assert_string_equal(f->o.args.items[1], "203.0.113.9");
    assert_int_equal(parse(f, "network agent list"), ERR_OK);
    assert_string_equal(f->o.args.items[0], "network-agent");
    assert_int_equal(parse(f, "network list"), ERR_OK);
    assert_string_equal(f->o.args.items[0], "network");
    assert_int_equal(parse(f, "floating"), ERR_USAGE);
}

static void test_verbs(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(parse(f, "-o wide get pods -A web --sort -age -- -odd get"), ERR_OK);
    assert_string_equal(f->o.verb, "get");
    assert_int_equal(f->o.args.count, 4);
    assert_string_equal(f->o.args.items[2], "-odd");
    assert_string_equal(f->o.sort, "-age");
    assert_string_equal(f->o.output, "wide");
    assert_true(f->o.all_namespaces);
    assert_int_equal(parse(f, "logs -fp --tail -1 --since=1h30m -capp --timestamps=false deploy/x -n=ns"), ERR_OK);
    assert_true(f->o.follow && f->o.previous);
    assert_false(f->o.timestamps);
    assert_int_equal(f->o.tail, -1);
    assert_int_equal(f->o.since_s, 5400);
    assert_string_equal(f->o.container, "app");
    assert_string_equal(f->o.namespaces.items[0], "ns");
    assert_int_equal(parse(f, "delete pod a b --grace-period 0 --force --dry-run=server --wait=false -y"), ERR_OK);
    assert_int_equal(f->o.action_args.count, 3);
    assert_string_equal(f->o.action_args.items[0], "grace-period=0");
    assert_string_equal(f->o.action_args.items[1], "force=true");
    assert_string_equal(f->o.action_args.items[2], "wait=false");
    assert_true(f->o.dry_run && f->o.yes);
    assert_int_equal(parse(f, "delete pods -l app=web --stop-after 3 --ignore-not-found"), ERR_OK);
    assert_string_equal(f->o.selector, "app=web");
    assert_true(f->o.stop_after == 3 && f->o.ignore_not_found);
    assert_int_equal(parse(f, "drain -l pool=a"), ERR_OK);              /* there is but one kind of Kubernetes it goes with */
    assert_int_equal(f->o.args.count, 1);
    assert_string_equal(f->o.args.items[0], "nodes");
    assert_int_equal(parse(f, "delete -l pool=a"), ERR_USAGE);
    assert_int_equal(parse(f, "drain"), ERR_USAGE);
    for (size_t i = 0; i < 2; i++) {                                    /* either order: the action, though attach is a verb of its own */
        assert_int_equal(parse(f, i ? "attach volume v1 --server web-1" : "volume attach v1 --server web-1"), ERR_OK);
        assert_true(f->o.by_noun);
        assert_string_equal(f->o.args.items[0], "volume");
        assert_string_equal(f->o.args.items[1], "v1");
        assert_string_equal(f->o.action_args.items[0], "server=web-1");
    }
    assert_int_equal(parse(f, "attach web-0 -it"), ERR_OK);
    assert_false(f->o.by_noun);
    assert_int_equal(parse(f, "delete pod a"), ERR_OK);
    assert_int_equal(f->o.action_args.count, 0);
    assert_int_equal(parse(f, "get --help"), ERR_OK);
    assert_true(f->o.help);
}

static void test_durations(void **state)
{
    struct fixture *f = *state;
    static const struct { const char *text; int64_t seconds; } good[] = {
        {"90", 90}, {"90s", 90}, {"5m", 300}, {"1.5h", 5400}, {"2d", 172800}, {"1h1m1s", 3661}, {"500ms", 1}, {"0s", 0}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char line[60];
        snprintf(line, sizeof line, "logs x --since %s", good[i].text);
        assert_int_equal(parse(f, line), ERR_OK);
        assert_int_equal(f->o.since_s, good[i].seconds);
    }
    static const char *const bad[] = {"5x", "m", "-5m", "1h5", "5mm", "1e99", "inf"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char line[60];
        snprintf(line, sizeof line, "logs x --since %s", bad[i]);
        assert_int_equal(parse(f, line), ERR_USAGE);
        assert_non_null(strstr(f->err.msg, "5m"));
    }
}

static void test_wrong_usage(void **state)
{
    struct fixture *f = *state;
    static const struct { const char *line, *says; } cases[] = {
        {"--contxt a", "--context"}, {"--nope", "unknown option --nope"}, {"-Z", "unknown option -Z"}, {"-context a", "begin with --"},
        {"gte pods", "did you mean get"}, {"volume", "volume is a kind: say what is to be done with it: list, show, "}, {"help volume", "attach, detach"}, {"help host", "after host comes one of: drain, back"},
        {"frobnicate", "unknown command \"frobnicate\""}, {"--context", "--context needs NAME"},
        {"get", "get needs KIND"}, {"get pods --tail 5", "--tail does not go with get"}, {"--tail 5", "only with a command"},
        {"logs a b", "\"b\" is too much"}, {"get pods -o yml", "-o is one of table|wide"}, {"-o md get pods", "-o is one of table|wide|json|yaml|name|cells with get"},
        {"heal x -o wide", "with heal"}, {"logs a --tail x", "--tail must be a whole"},
        {"logs a --tail -2", "--tail must be -1"}, {"get pods -A -n x", "exclude each other"}, {"get pods --watch=maybe", "true or false"},
        {"--context= a", "must not be empty"}, {"get pods -o", "-o needs FORMAT"},
        {"ops --resume -y", "--resume needs a value, and -y is an option"}, {"scale deployment/w --replicas --yes", "--replicas needs a value"}, {"--config /nonexistent/c.yaml", "/nonexistent/c.yaml"},
        {"\033[31mx", "unknown command"}, {"--read-onyl", "--read-only"}, {"--name x", "--namespace"},
        {"describe pod x -o json", "--output does not go with describe"}, {"doctor -o json", "--output does not go with doctor"}, {"help nope", "no command \"nope\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum err_code rc = parse(f, cases[i].line);
        if ((rc != ERR_USAGE && rc != ERR_NOTFOUND) || !strstr(f->err.msg, cases[i].says) || strchr(f->err.msg, '\033'))
            fail_msg("%s: %s", cases[i].line, f->err.msg);
    }
}

static void test_config(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(parse_with(f,
        "contexts: [prod-a, 123]\nclouds: lab\nnamespaces: a,b\nviews: [nodes]\ntheme: light\nmouse: yes\nticker: off\nkubeconfig: k/c\n"
        "sources:\n- {match: 'prod-*', protected: true}\n- {match: x, read-only: true}\n"
        "keys:\n- {key: ctrl-x, command: view nodes, scope: table}\n- {key: 1, command: quit}\n"
        "columns:\n  pods: [name, ready]\n  nodes: name, cpu\n", ""), ERR_OK);
    assert_int_equal(f->warn.len, 0);
    assert_int_equal(f->o.contexts.count, 2);
    assert_string_equal(f->o.contexts.items[1], "123");
    assert_string_equal(f->o.clouds.items[0], "lab");
    assert_int_equal(f->o.namespaces.count, 2);
    assert_string_equal(f->o.views.items[0], "nodes");
    assert_string_equal(f->o.kubeconfig, "/tmp/k/c");
    assert_true(f->o.mouse);
    assert_false(f->o.ticker);
    assert_int_equal(f->o.nrules, 2);
    assert_string_equal(f->o.rules[0].match, "prod-*");
    assert_true(f->o.rules[0].protected_ && !f->o.rules[0].read_only && f->o.rules[1].read_only);
    assert_int_equal(f->o.nkeys, 2);
    assert_string_equal(f->o.keys[0].scope, "table");
    assert_string_equal(f->o.keys[0].command, "view nodes");
    assert_string_equal(f->o.keys[1].key, "1");
    char where[80];
    snprintf(where, sizeof where, "%s:13", f->file);
    assert_string_equal(f->o.keys[0].where, where);
    snprintf(where, sizeof where, "%s:4", f->file);
    assert_string_equal(f->o.views_where, where);
    assert_string_equal(options_columns(&f->o, "pods")[1], "ready");
    assert_string_equal(options_columns(&f->o, "nodes")[1], "cpu");
    assert_null(options_columns(&f->o, "nodes")[2]);
    assert_null(options_columns(&f->o, "services"));
    assert_string_equal(f->o.config_file, f->file);
}

static void test_command_line_wins(void **state)
{
    struct fixture *f = *state;
    const char *config = "contexts: [a]\nclouds: [b]\nall: true\nnamespaces: [n]\nviews: [nodes]\ntheme: light\n";
    assert_int_equal(parse_with(f, config, "--cloud z -A --theme mono"), ERR_OK);
    assert_int_equal(f->o.contexts.count, 0);
    assert_int_equal(f->o.clouds.count, 1);
    assert_string_equal(f->o.clouds.items[0], "z");
    assert_false(f->o.all);
    assert_int_equal(f->o.namespaces.count, 0);
    assert_string_equal(f->o.theme, "mono");
    assert_string_equal(f->o.views.items[0], "nodes");
    assert_int_equal(parse_with(f, config, "--view pods"), ERR_OK);
    assert_null(f->o.views_where);
}

static void test_config_problems(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(parse_with(f, "theem: x\nascii: maybe\nviews: {a: b}\ntheme: [1]\ncolumns: {pods: {x: y}}\nkeys:\n- {key: x}\n- {key: a, command: b, scop: c}\n"
                                   "contexts: [[x]]\nascii2: 1\n", ""), ERR_OK);
    assert_true(warns(f, ":1: unknown key theem; did you mean theme?"));
    assert_true(warns(f, ":2: ascii must be true or false"));
    assert_true(warns(f, ":3: views must be a name or a list"));
    assert_true(warns(f, ":4: theme must be a text"));
    assert_true(warns(f, ":5: columns of pods"));
    assert_true(warns(f, ":7: an entry of keys needs"));
    assert_true(warns(f, ":8: unknown key scop in keys; did you mean scope?"));
    assert_true(warns(f, ":9: an entry of contexts"));
    assert_int_equal(f->o.nkeys, 1);
    assert_false(f->o.read_only);
    assert_int_equal(parse_with(f, "columns:\n  po: [name,\n       state, STATUS]\n  vm: status, sttate\n  widgets: [size]\n", ""), ERR_OK);
    assert_true(warns(f, ":3: pods have no column state (there are namespace, name"));
    assert_true(warns(f, ":4: server has no column sttate"));
    assert_false(warns(f, "size"));
    assert_string_equal(options_columns(&f->o, "pods")[1], "STATUS");
    assert_null(options_columns(&f->o, "pods")[2]);
}

/* What was meant to protect and cannot be read protects. */
static void test_config_protects(void **state)
{
    struct fixture *f = *state;
    static const char *const global[] = {"sources: prod\n", "sources: [{mach: prod, protected: true}]\n", "read-only: ja\n", "a: [\n",
                                        "x\n", "- read-only: true\n", "readonly: true\n", "read_only: true\n", "readOnly: true\n", "READ-ONLY: on\n",
                                        "source: [{match: 'ad*', protected: true}]\n", "Sources: [{match: a, protected: true}]\n",
                                        "protected: true\n", "protect: ['a*']\n", "match: a\n", "is_protected: yes\n",
                                        "sources: [{match: a, protected: true}]\nsources: [{match: b, protected: true}]\n"};
    for (size_t i = 0; i < sizeof global / sizeof *global; i++) {
        assert_int_equal(parse_with(f, global[i], ""), ERR_OK);
        assert_true(f->o.read_only);
        assert_true(warns(f, "read-only until"));
    }
    assert_int_equal(parse_with(f, "sources: [{match: a, readonly: true}, {match: b, protected: 'on'}]\n", ""), ERR_OK);
    assert_true(f->o.rules[0].read_only);
    assert_true(f->o.rules[1].protected_);
    assert_false(f->o.read_only);
    static const char *const harmless[] = {"", "# nothing\n", "theem: x\nkontexts: [a]\ntheme: light\n", "read-only: false\n"};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        assert_int_equal(parse_with(f, harmless[i], ""), ERR_OK);
        assert_false(f->o.read_only);
    }
}

static void test_config_places(void **state)
{
    struct fixture *f = *state;
    setenv("STRATA_CONFIG", "/nonexistent/strata.yaml", 1);
    assert_int_equal(parse(f, ""), ERR_OK);
    assert_true(warns(f, "/nonexistent/strata.yaml"));
    assert_false(f->o.read_only);
    parse_with(f, "theme: light\n", "");
    setenv("STRATA_CONFIG", f->file, 1);
    assert_int_equal(parse(f, ""), ERR_OK);
    assert_string_equal(f->o.theme, "light");
}

/* One walk over the tables: names unique, help there, verbs' options exist; the texts name every one. */
static void test_tables(void **state)
{
    (void)state;
    struct str usage, manual, config, bash, zsh, fish;
    struct str *all[] = {&usage, &manual, &config, &bash, &zsh, &fish};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        str_init(all[i], 0);
    options_usage(&usage, NULL);
    options_manual(&manual);
    options_config_manual(&config);
    assert_int_equal(options_completion(&bash, "bash", NULL), ERR_OK);
    assert_int_equal(options_completion(&zsh, "zsh", NULL), ERR_OK);
    assert_int_equal(options_completion(&fish, "fish", NULL), ERR_OK);
    assert_int_equal(options_completion(&zsh, "tcsh", NULL), ERR_USAGE);
    assert_non_null(strstr(bash.data, "-o|--output) case $verb in get) COMPREPLY=($(compgen -W 'table wide json yaml name cells'"));
    assert_non_null(strstr(bash.data, "heal) COMPREPLY=($(compgen -W 'table json md cast'"));
    assert_non_null(strstr(bash.data, "--context) _strata_names contexts"));
    assert_non_null(strstr(bash.data, "--cloud) _strata_names clouds"));
    assert_non_null(strstr(fish.data, "(strata completion themes 2>/dev/null)"));
    str_clear(&usage);
    options_usage(&usage, "get");
    assert_null(strstr(usage.data, "|md|"));
    str_clear(&usage);
    options_usage(&usage, NULL);
    assert_true(option_count < 128);
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_rows[i];
        assert_true(row->help[strlen(row->help) - 1] == '.');
        assert_true(!row->arg == (row->type == OPT_FLAG));
        for (size_t k = 0; k < i; k++) {
            assert_false(row->name && option_rows[k].name && !strcmp(row->name, option_rows[k].name));
            assert_false(row->letter && row->letter == option_rows[k].letter);
            assert_false(row->key && option_rows[k].key && !strcmp(row->key, option_rows[k].key));
            assert_true(row->offset != option_rows[k].offset);
        }
        bool used = row->flags & OPT_GLOBAL || !row->name;
        for (size_t v = 0; v < verb_count; v++)
            used = used || verb_takes(&verb_rows[v], row);
        used = used || verb_takes(&action_verb, row);
        used = used || verb_takes(&action_verb, row);
        assert_true(used);
        if (row->key)
            assert_non_null(strstr(config.data, row->key));
        if (row->name && !(row->flags & OPT_HIDDEN)) {
            assert_non_null(strstr(bash.data, row->name));
            assert_non_null(strstr(zsh.data, row->name));
            assert_non_null(strstr(fish.data, row->name));
        }
    }
    for (size_t v = 0; v < verb_count; v++) {
        assert_non_null(strstr(usage.data, verb_rows[v].name));
        for (const char *const *p = verb_rows[v].options; *p; p++)
            assert_non_null(option_by_name(*p, strlen(*p)));
    }
    for (const char *line = usage.data; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 100);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        str_release(all[i]);
}

static void test_out_of_memory(void **state)
{
    struct fixture *f = *state;
    const char *config = "contexts: [a]\nkeys: {x: y}\nsources: [{match: m}]\ncolumns: {p: [q]}\n";
    parse_with(f, config, "");
    setenv("STRATA_CONFIG", f->file, 1);
    for (long n = 1; n < 1000; n++) {
        mem_fail_at(n, true);
        enum err_code rc = parse(f, "get pods -n a,b -l x");
        mem_fail_at(0, false);
        if (rc == ERR_OK && f->o.nrules == 1 && f->o.views.count == 3 && f->o.columns)
            return;
        assert_true(rc == ERR_NOMEM || (rc == ERR_OK && f->o.views.count == 3) || rc == ERR_CONFIG);
    }
    fail_msg("never got through");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_cockpit), T(test_the_noun_first), T(test_verbs), T(test_durations), T(test_wrong_usage), T(test_config), T(test_command_line_wins),
        T(test_config_problems), T(test_config_protects), T(test_config_places), T(test_tables), T(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
