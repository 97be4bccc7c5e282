/* A run file of any bytes: read, judged, written in every form, and its words must be clean; the same bytes as an object
 * for the plan and the milestones. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/stage/machine.h"
#include "core/stage/numbers.h"
#include "strata/stage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_object(const char *text, size_t len)
{
    struct plan p;
    struct machine m;
    json_t *o = json_read(text, len, 0, NULL);
    struct plan_in in = {.pod = o, .owner = o, .top = o, .pods = o, .budgets = o, .quotas = o, .claim = {o}, .volume = {o}, .nclaims = 1};
    plan_make(&p, &in);
    plan_choose(o, NULL, "node-1");
    machine_init(&m, "old", p.owner_uid);
    machine_slice_event(&m, MACHINE_SEEN, o, (struct machine_stamp){1, 1});
    machine_slices_listed(&m, (struct machine_stamp){1, 1});
    machine_sent(&m, 2);
    machine_accepted(&m, (struct machine_stamp){3, 3}, CELL_NONE);
    machine_pod_event(&m, MACHINE_SEEN, o, (struct machine_stamp){4, 4});
    machine_slice_event(&m, MACHINE_GONE, o, (struct machine_stamp){5, 4});
    machine_pods_list(&m);
    machine_pods_listed(&m, (struct machine_stamp){6, 5});
    machine_finish(&m);
    for (size_t i = 0; i < p.nfacts; i++)
        if (strpbrk(p.fact[i].text, "\x1b\x7f\r") || strpbrk(p.fact[i].evidence, "\x1b\x7f\r"))
            abort();
    if (strpbrk(m.why, "\x1b\x7f\r") || strpbrk(m.new_name, "\x1b\x7f\r"))
        abort();
    machine_release(&m);
    json_decref(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_object((const char *)data, size);
    struct err err = ERR_INIT;
    char date[64];
    int64_t ms;
    json_read_init();
    struct stage_snap *s = stage_import((const char *)data, size, &err);
    for (int f = STAGE_MARKDOWN; s && f <= STAGE_CAST; f++) {
        struct str out;
        str_init(&out, 0);
        stage_export(s, NULL, (enum stage_format)f, &out);
        if (strpbrk(out.data, "\x1b\x7f\r"))
            abort();
        str_clear(&out);
        stage_compare(s, &out);
        str_release(&out);
    }
    stage_snap_unref(s);
    size_t n = size < sizeof date - 1 ? size : sizeof date - 1;
    memcpy(date, data, n);
    date[n] = '\0';
    http_date(date, &ms);
    return 0;
}
