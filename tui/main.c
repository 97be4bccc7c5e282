/* strata: options, then either a verb (batch mode) or the cockpit. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/options.h"
#include "strata/trace.h"
#include "strata/version.h"
#include "tui/app.h"
#include "tui/batch.h"
#include "tui/demo.h"
#include "tui/manual.h"
#include "tui/theme.h"

/* Names for the completion scripts, one a line. false: no such list. */
static bool completion_names(const char *what, const struct options *opt, struct str *out)
{
    if (options_names(opt, what, out)) return true;
    if (strcmp(what, "themes") != 0) return false;
    theme_names(out);
    return true;
}

int main(int argc, char **argv)
{
    struct options opt;
    struct demo demo = DEMO_INIT;
    struct err err = ERR_INIT;
    struct str warn, text;
    int code = 2;
    if (argc == 2 && !strcmp(argv[1], "manual"))    /* for the build of the man pages alone: in no help */
        return manual_main();
    mem_fail_from_env();
    str_init(&warn, 16384);
    str_init(&text, 1u << 20);
    options_init(&opt);
    if (options_parse(&opt, argc, argv, &warn, &err)) {
        fprintf(stderr, "strata: %s\n", err.msg);
    } else if (opt.version || (opt.verb && !strcmp(opt.verb, "version"))) {
        printf("strata %s\n", STRATA_VERSION);
        code = 0;
    } else if (opt.help || (opt.verb && !strcmp(opt.verb, "help"))) {
        bool verb_help = opt.verb && !strcmp(opt.verb, "help");
        options_usage(&text, verb_help ? (opt.args.count ? opt.args.items[0] : NULL) : opt.verb);
        fputs(text.data, stdout);
        code = 0;
    } else {
        trace_open();
        if (opt.verb && !strcmp(opt.verb, "completion")) {
            if (opt.args.count && completion_names(opt.args.items[0], &opt, &text)) code = fputs(text.len ? text.data : "", stdout) < 0;
            else if (options_completion(&text, opt.args.count ? opt.args.items[0] : "bash", &err)) fprintf(stderr, "strata: %s\n", err.msg);
            else code = fputs(text.data, stdout) < 0;
        } else if (opt.demo && (code = demo_start(&demo, &opt, &err))) {
            fprintf(stderr, "strata: %s\n", err.msg);
            code = code == ERR_USAGE ? 2 : 1;
        } else if (opt.verb) {
            fputs(warn.data, stderr);
            code = batch_main(&opt);
        } else code = app_run(&opt, warn.data, opt.demo ? &demo : NULL);
        demo_end(&demo);
        trace_close();
    }
    str_release(&warn);
    str_release(&text);
    options_release(&opt);
    return code;
}
