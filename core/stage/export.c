/* A run as files: JSON with every sample, Markdown as a report; and runs side by side. Times are us after T0. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/stage/export.h"
#include "core/stage/numbers.h"
#include "strata/text.h"
#include "strata/version.h"

const char *const export_outcomes[] = {"running", "healed", "not_healed", "void", "stopped", "not_known"};
const char *const export_seen[] = {"waiting", "seen", "seen_late", "not_expected", "not_seen"};
const char *const export_probes[] = {"P1", "P2", "P3", "P4"};
const char *const export_whose[] = {"none", "api", "node", "cloud"};
const char *const export_ties[] = {"none", "asked", "labels", "cloud", "serves"};
const char *const export_rows[] = {"group", "old", "new", "ghost", "server"};
const char *const export_levels[] = {"ok", "warn", "refuse"};

/* ---- JSON ---- */

static void key_text(struct str *o, const char *key, const char *value)
{
    str_addf(o, "\"%s\":", key);
    str_add_json(o, value, strlen(value));
}

static void key_us(struct str *o, const char *key, int64_t us, int64_t base, bool is)
{
    if (is)
        str_addf(o, ",\"%s\":%" PRId64, key, us - base);
    else
        str_addf(o, ",\"%s\":null", key);
}

static int64_t base_of(const struct stage_run *r)
{
    return r->t0_us ? r->t0_us : r->end_us;
}

static void json_milestones(const struct stage_run *r, struct str *o)
{
    str_adds(o, ",\n \"milestones\":[");
    for (size_t i = 0; i < STAGE_MILESTONES; i++) {
        const struct stage_milestone *m = &r->milestone[i];
        bool is = m->seen == STAGE_SEEN || m->seen == STAGE_SEEN_LATE;
        str_addf(o, "%s\n  {", i ? "," : "");
        key_text(o, "id", m->id);
        str_addc(o, ',');
        key_text(o, "title", m->title);
        str_addc(o, ',');
        key_text(o, "seen", export_seen[m->seen <= STAGE_UNKNOWN ? m->seen : STAGE_UNKNOWN]);
        key_us(o, "at_us", m->at_us, base_of(r), is);
        key_us(o, "since_us", m->since_us, base_of(r), is);
        key_us(o, "server_ms", m->server_ms, 0, m->server_ms != CELL_NONE);
        str_addf(o, ",\"server_trunc_ms\":%" PRId64 ",\"skewed\":%s,", m->server_trunc_ms, m->skewed ? "true" : "false");
        key_text(o, "clock", export_whose[m->clock <= STAGE_CLOCK_CLOUD ? m->clock : 0]);
        str_addc(o, ',');
        key_text(o, "detail", m->detail);
        str_addc(o, ',');
        key_text(o, "value", m->value);
        str_addc(o, ',');
        key_text(o, "server", m->server);
        str_addc(o, '}');
    }
    str_addc(o, ']');
}

static void json_numbers(const struct stage_numbers *n, struct str *o)
{
    str_addf(o, "\"numbers\":{\"sent\":%u,\"ok\":%u,\"failed\":%u,\"not_sent\":%u,\"pending\":%u,\"reauth\":%u,\"failing_before\":%s", n->sent, n->ok,
             n->failed, n->not_sent, n->pending, n->reauth, n->failing_before ? "true" : "false");
    str_addf(o, ",\"outage_at_least_us\":%" PRId64 ",\"outage_at_most_us\":", n->outage_lo_us);
    str_addf(o, n->outage_hi_us < 0 ? "null" : "%" PRId64, n->outage_hi_us);
    str_addf(o, ",\"outages\":%u,\"blind_us\":%" PRId64, n->outages, n->blind_us);
    str_addf(o, ",\"longest_run\":%u,\"longest_run_us\":%" PRId64, n->longest_run, n->longest_run_us);
    const struct { const char *key; int64_t v; } lat[] = {{"before_p50_us", n->before_p50_us}, {"before_p99_us", n->before_p99_us},
                                                          {"during_p50_us", n->during_p50_us}, {"during_p99_us", n->during_p99_us}};
    for (size_t i = 0; i < sizeof lat / sizeof *lat; i++)
        key_us(o, lat[i].key, lat[i].v, 0, lat[i].v >= 0);
    str_adds(o, ",\"by_class\":{");
    for (int c = 0; c < STAGE_CLASSES; c++)
        str_addf(o, "%s\"%s\":%u", c ? "," : "", stage_class_name((enum stage_class)c), n->by_class[c]);
    str_adds(o, "}}");
}

/* [slot, sent, done, class, status, theta low, theta high], null = never / no Date header */
static void json_sample(const struct stage_sample *x, int64_t base, struct str *o)
{
    str_addf(o, "[%" PRId64, x->slot_us - base);
    str_addf(o, x->sent_us ? ",%" PRId64 : ",null", x->sent_us - base);
    str_addf(o, x->done_us ? ",%" PRId64 : ",null", x->done_us - base);
    str_addf(o, ",\"%s\",%u", stage_class_name((enum stage_class)x->class), x->status);
    if (x->theta_lo_ms <= x->theta_hi_ms)
        str_addf(o, ",%d,%d]", x->theta_lo_ms, x->theta_hi_ms);
    else
        str_adds(o, ",null,null]");
}

static void json_strips(const struct stage_run *r, struct str *o)
{
    str_adds(o, ",\n \"probes\":[");
    for (size_t i = 0; i < r->nstrips; i++) {
        const struct stage_strip *s = &r->strip[i];
        str_addf(o, "%s\n  {\"probe\":\"%s\",", i ? "," : "", export_probes[s->kind <= STAGE_P4 ? s->kind : 0]);
        key_text(o, "label", s->label);
        str_addc(o, ',');
        key_text(o, "target", s->target);
        str_addc(o, ',');
        key_text(o, "note", s->note);
        str_addc(o, ',');
        key_text(o, "basis", s->basis);
        str_addf(o, ",\"tie\":\"%s\"", export_ties[s->tie <= STAGE_TIE_SERVES ? s->tie : 0]);
        str_addf(o, ",\"data_plane\":%s,\"period_us\":%" PRId64 ",\"timeout_us\":%" PRId64 ",", s->data_plane ? "true" : "false", s->period_us,
                 s->timeout_us);
        json_numbers(&s->num, o);
        str_addc(o, ',');
        key_text(o, "words", s->words);
        str_adds(o, ",\n   \"samples\":[");
        for (size_t k = 0; k < s->n; k++) {
            str_adds(o, k ? (k % 4 ? "," : ",\n    ") : "\n    ");
            json_sample(&s->sample[k], base_of(r), o);
        }
        str_adds(o, "]}");
    }
    str_addc(o, ']');
}

static void json_rest(const struct stage_run *r, struct str *o)
{
    str_adds(o, ",\n \"gaps\":[");
    for (size_t i = 0; i < r->ngaps; i++) {
        str_addf(o, "%s\n  {", i ? "," : "");
        key_text(o, "what", r->gap[i].what);
        key_us(o, "from_us", r->gap[i].from_us, base_of(r), true);
        key_us(o, "to_us", r->gap[i].to_us, base_of(r), r->gap[i].to_us != 0);
        str_addc(o, '}');
    }
    str_adds(o, "],\n \"notes\":[");
    for (size_t i = 0; i < r->nnotes; i++) {
        str_addf(o, "%s\n  {", i ? "," : "");
        key_text(o, "text", r->note[i].text);
        key_us(o, "at_us", r->note[i].at_us, base_of(r), true);
        str_addf(o, ",\"warning\":%s,\"marker\":%s}", r->note[i].warning ? "true" : "false", r->note[i].marker ? "true" : "false");
    }
    str_adds(o, "],\n \"rows\":[");
    for (size_t i = 0; i < r->nrows; i++) {
        const struct stage_row *w = &r->row[i];
        str_addf(o, "%s\n  {\"role\":\"%s\",", i ? "," : "", export_rows[w->role <= STAGE_ROW_VM ? w->role : 0]);
        key_text(o, "name", w->name);
        str_addc(o, ',');
        key_text(o, "text", w->text);
        str_addf(o, ",\"up\":%u,\"total\":%u,\"up_before\":%u,\"total_before\":%u,\"up_least\":%u,\"health\":%d}", w->up, w->total, w->up_before,
                 w->total_before, w->up_least, (int)w->health);
    }
    str_adds(o, "],\n \"clocks\":[");
    for (size_t i = 0; i < r->nclocks; i++) {
        const struct stage_clock *c = &r->clock[i];
        str_addf(o, "%s\n  {", i ? "," : "");
        key_text(o, "name", c->name);
        str_addf(o, ",\"clock\":\"%s\",\"stepped\":%s", export_whose[c->whose <= STAGE_CLOCK_CLOUD ? c->whose : 0], c->stepped ? "true" : "false");
        key_us(o, "theta_lo_ms", c->lo_ms, 0, c->known);
        key_us(o, "theta_hi_ms", c->hi_ms, 0, c->known && c->hi_ms != INT64_MAX);
        str_addc(o, ',');
        key_text(o, "words", c->words);
        str_addc(o, '}');
    }
    str_adds(o, "]");
}

static void json_run(const struct stage_run *r, struct str *o)
{
    str_addf(o, "\n{\"number\":%u,\"outcome\":\"%s\",", r->number, export_outcomes[r->outcome < STAGE_OUTCOMES ? r->outcome : STAGE_ABORTED]);
    const struct { const char *key, *value; } texts[] = {
        {"cluster", r->cluster}, {"namespace", r->ns}, {"pod", r->pod}, {"uid", r->uid}, {"owner", r->owner}, {"new_pod", r->new_pod},
        {"node", r->node}, {"why", r->why}, {"headline", r->headline}, {"verdict", r->verdict}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        str_adds(o, i ? ",\n " : "\n ");
        key_text(o, texts[i].key, texts[i].value);
    }
    str_addf(o, ",\n \"replicas\":%" PRId64 ",\"accepted\":%s,\"asked_us\":%" PRId64 ",\"started_ms\":%" PRId64 ",\"end_us\":%" PRId64, r->replicas,
             r->t0_us ? "true" : "false", r->t0_us ? r->asked_us - r->t0_us : 0, r->started_ms, r->end_us - base_of(r));
    json_milestones(r, o);
    json_strips(r, o);
    json_rest(r, o);
    str_adds(o, "}");
}

static void json_all(const struct stage_snap *s, const struct stage_run *only, struct str *o)
{
    bool first = true;
    str_addf(o, "{\"format\":\"strata-stage-1\",\"program\":\"strata %s\",\"time_unit\":\"us after T0, local monotonic clock\",\n", STRATA_VERSION);
    key_text(o, "title", s->title);
    str_adds(o, ",\n\"plan\":[");
    for (size_t i = 0; i < s->nfacts; i++) {
        str_addf(o, "%s\n {\"level\":\"%s\",", i ? "," : "", export_levels[s->fact[i].level <= STAGE_REFUSE ? s->fact[i].level : STAGE_WARN]);
        key_text(o, "topic", s->fact[i].topic);
        str_addc(o, ',');
        key_text(o, "text", s->fact[i].text);
        str_addc(o, ',');
        key_text(o, "evidence", s->fact[i].evidence);
        str_addc(o, '}');
    }
    str_adds(o, "],\n\"runs\":[");
    for (size_t i = 0; i < s->nruns; i++) {
        if (only && only != s->run[i])
            continue;
        if (!first)
            str_addc(o, ',');
        first = false;
        json_run(s->run[i], o);
    }
    str_adds(o, "]}\n");
}

/* ---- Markdown ---- */

/* In a table cell no bar, and no markup by accident. */
static void cell(struct str *o, const char *text)
{
    str_adds(o, " ");
    for (; *text; text++) {
        if (strchr("|\\`*_<>[]", *text))
            str_addc(o, '\\');
        str_addc(o, *text);
    }
    str_adds(o, " |");
}

static void md_run(const struct stage_run *r, struct str *o)
{
    char when[40], num[64];
    text_format_time(when, sizeof when, r->started_ms);
    str_addf(o, "## Run %u: %s\n\n", r->number, r->headline);
    str_addf(o, "Pod `%s/%s` of %s on %s, %s.\n\n", r->ns, r->pod, *r->owner ? r->owner : "nobody", r->cluster, when);
    for (const char *p = r->verdict; *p;) {
        size_t n = strcspn(p, "\n");
        str_addf(o, "- %.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
    str_adds(o, "\n| | Milestone | After | Detail | Server's stamp |\n|---|---|---:|---|---|\n");
    for (size_t i = 0; i < STAGE_MILESTONES; i++) {
        const struct stage_milestone *m = &r->milestone[i];
        str_adds(o, "|");
        cell(o, m->id);
        cell(o, m->title);
        cell(o, m->value);
        cell(o, m->detail);
        cell(o, m->server);
        str_addc(o, '\n');
    }
    str_adds(o, "\n| Probe | Target | Each | Sent | Failed | Not sent | Outages | Down at least | at most | May hide |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < r->nstrips; i++) {
        const struct stage_strip *s = &r->strip[i];
        str_adds(o, "|");
        cell(o, s->label);
        cell(o, *s->note ? s->note : s->target);
        seconds_text(num, sizeof num, s->period_us);
        cell(o, num);
        str_addf(o, " %u | %u | %u | %u |", s->num.sent, s->num.failed, s->num.not_sent, s->num.outages);
        seconds_text(num, sizeof num, s->num.outage_lo_us);
        cell(o, s->num.failed ? num : "-");
        seconds_text(num, sizeof num, s->num.outage_hi_us);
        cell(o, !s->num.failed ? "-" : s->num.outage_hi_us < 0 ? "not back" : num);
        seconds_text(num, sizeof num, s->num.blind_us);
        cell(o, s->num.sent ? num : "-");
        str_addc(o, '\n');
    }
    if (r->nrows)
        str_adds(o, "\n| OpenStack | State at the end |\n|---|---|\n");
    for (size_t i = 0; i < r->nrows; i++) {
        str_adds(o, "|");
        cell(o, r->row[i].name);
        cell(o, r->row[i].text);
        str_addc(o, '\n');
    }
    if (r->nnotes)
        str_adds(o, "\n| After | Event |\n|---:|---|\n");
    for (size_t i = 0; i < r->nnotes; i++) {
        snprintf(num, sizeof num, "%+.3f s", (double)(r->note[i].at_us - base_of(r)) / 1000000);
        str_adds(o, "|");
        cell(o, num);
        cell(o, r->note[i].text);
        str_addc(o, '\n');
    }
    for (size_t i = 0; i < r->nclocks; i++)
        str_addf(o, "%sClock of %s: %s.\n", i ? "" : "\n", r->clock[i].name, r->clock[i].words);
    str_addc(o, '\n');
}

static void md_all(const struct stage_snap *s, const struct stage_run *only, struct str *o)
{
    str_addf(o, "# Does it heal? %s\n\n", s->title);
    for (size_t i = 0; i < s->nfacts; i++)
        str_addf(o, "- %s: %s\n", s->fact[i].level == STAGE_FINE ? "ok" : s->fact[i].level == STAGE_WARN ? "**mind**" : "**no**", s->fact[i].text);
    str_addc(o, '\n');
    for (size_t i = 0; i < s->nruns; i++)
        if (!only || only == s->run[i])
            md_run(s->run[i], o);
    if (!only && s->nruns > 1) {
        str_adds(o, "## Side by side\n\n```\n");
        stage_compare(s, o);
        str_adds(o, "```\n");
    }
}

bool stage_export(const struct stage_snap *s, const struct stage_run *run, enum stage_format f, struct str *out)
{
    if (f == STAGE_JSON)
        json_all(s, run, out);
    else if (f == STAGE_MARKDOWN)
        md_all(s, run, out);
    else
        export_cast(s, run, out);
    return !out->failed;
}

/* ---- side by side ---- */

static void compare_row(const struct stage_snap *s, struct str *o, const char *title, void (*value)(const struct stage_run *, int, char *, size_t), int arg)
{
    str_addf(o, "%-24s", title);
    for (size_t i = 0; i < s->nruns; i++) {
        char buf[64] = "-";
        value(s->run[i], arg, buf, sizeof buf);
        str_addf(o, " %20.40s", buf);
    }
    str_addc(o, '\n');
}

static void value_number(const struct stage_run *r, int arg, char *buf, size_t size)
{
    (void)arg;
    snprintf(buf, size, "run %u", r->number);
}

static void value_outcome(const struct stage_run *r, int arg, char *buf, size_t size)
{
    (void)arg;
    snprintf(buf, size, "%s", export_outcomes[r->outcome < STAGE_OUTCOMES ? r->outcome : STAGE_ABORTED]);
}

static void value_replicas(const struct stage_run *r, int arg, char *buf, size_t size)
{
    (void)arg;
    if (r->replicas >= 0)
        snprintf(buf, size, "%" PRId64, r->replicas);
}

static void value_milestone(const struct stage_run *r, int arg, char *buf, size_t size)
{
    snprintf(buf, size, "%s", r->milestone[arg].value);
}

static void value_failed(const struct stage_run *r, int arg, char *buf, size_t size)
{
    if ((size_t)arg >= r->nstrips)
        return;
    const struct stage_numbers *n = &r->strip[arg].num;
    if (n->not_sent)
        snprintf(buf, size, "%u of %u, %u unsent", n->failed, n->sent, n->not_sent);
    else
        snprintf(buf, size, "%u of %u", n->failed, n->sent);
}

static void value_down(const struct stage_run *r, int arg, char *buf, size_t size)
{
    char lo[24], hi[24];
    if ((size_t)arg >= r->nstrips || !r->strip[arg].num.failed)
        return;
    seconds_text(lo, sizeof lo, r->strip[arg].num.outage_lo_us);
    seconds_text(hi, sizeof hi, r->strip[arg].num.outage_hi_us);
    snprintf(buf, size, "%s .. %s", lo, r->strip[arg].num.outage_hi_us < 0 ? "?" : hi);
}

bool stage_compare(const struct stage_snap *s, struct str *out)
{
    compare_row(s, out, "", value_number, 0);
    compare_row(s, out, "outcome", value_outcome, 0);
    compare_row(s, out, "replicas wanted", value_replicas, 0);
    for (int i = 0; s->nruns && i < STAGE_MILESTONES; i++) {
        char title[64];
        snprintf(title, sizeof title, "%s %s", s->run[0]->milestone[i].id, s->run[0]->milestone[i].title);
        compare_row(s, out, title, value_milestone, i);
    }
    for (size_t i = 0; s->nruns && i < s->run[0]->nstrips; i++) {
        char title[64];
        snprintf(title, sizeof title, "%.15s failed", s->run[0]->strip[i].label);
        compare_row(s, out, title, value_failed, (int)i);
        snprintf(title, sizeof title, "%.15s down", s->run[0]->strip[i].label);
        compare_row(s, out, title, value_down, (int)i);
    }
    return !out->failed;
}
