/* `strata audit`: the journal. `strata ops`: what earlier runs left undone, gone on with or taken back. */
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/str.h"
#include "tui/batch.h"

void batch_audit(struct batch *b)
{
    const struct options *o = b->opt;
    struct str out;
    struct err err = ERR_INIT;
    bool json = o->output && !strcmp(o->output, "json");
    str_init(&out, (size_t)1 << 30);
    if (audit_text(&out, o->since_s > 0 ? clock_wall_ms() - o->since_s * 1000 : 0, json, &err))
        batch_report(b, &err, NULL);
    print_text(out.data, out.len);
    str_release(&out);
}

static void list(struct batch *b)
{
    struct op_left *left = NULL;
    struct err err = ERR_INIT;
    size_t n = core_ops_left(b->core, &left, &err);
    bool json = b->opt->output && !strcmp(b->opt->output, "json");
    struct str s;
    str_init(&s, 0);
    if (err.code)
        batch_report(b, &err, NULL);
    for (size_t i = 0; i < n; i++) {
        if (json) {
            const char *const keys[] = {"key", "title", "time", "state"}, *const values[] = {left[i].key, left[i].title, left[i].when, left[i].what};
            str_adds(&s, i ? ",\n{" : "[{");
            for (size_t k = 0; k < 4; k++) {
                str_addf(&s, "%s\"%s\":", k ? "," : "", keys[k]);
                str_add_json(&s, values[k], strlen(values[k]));
            }
            str_addc(&s, '}');
        } else {
            str_addf(&s, "%s  %s  %s: %s\n", left[i].key, left[i].when, left[i].title, left[i].what);
        }
    }
    if (json)
        str_adds(&s, n ? "]\n" : "[]\n");
    else if (!n)
        fputs("nothing is unfinished\n", stderr);
    print_text(s.data, s.len);
    str_release(&s);
    op_left_free(left, n);
}

void batch_ops(struct batch *b)
{
    const struct options *o = b->opt;
    if (o->resume && o->rollback)
        batch_error(b, EXIT_USAGE, "--resume and --rollback exclude each other");
    else if (o->resume || o->rollback)
        batch_op(b, core_op_again(b->core, o->resume ? o->resume : o->rollback, o->rollback != NULL));
    else
        list(b);
}
