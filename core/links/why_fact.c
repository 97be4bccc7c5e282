/* What a row says of its own state, and in which words: rows by kind. */
#include <string.h>

#include "core/links/why_walk.h"
#include "strata/text.h"
#include "strata/why.h"

#define WORDS_MAX 5
#define WORD_CELLS 150
static const struct {
    const char *kind, *verb;                    /* the command that shows more: "strata VERB KIND NAME" */
    const char *word[WORDS_MAX];                /* columns, the first always */
} facts[] = {
    {"apiserver", "doctor", {"status", "message"}},
    {"pods", "describe", {"status", "ready", "unready", "message"}},
    {"nodes", "describe", {"status", "unready", "message", "pressure"}},
    {"server", "describe", {"status", "task", "power", "host_status", "fault"}},
    {"hypervisor", "describe", {"state", "status", "reason"}},
    {"os-services", "get", {"state", "status", "reason", "seen"}},
    {"baremetal", "describe", {"power", "provision", "maintenance", "error"}},
    {"coe-cluster", "describe", {"status", "health", "reason"}},
    {"loadbalancer", "describe", {"provisioning", "operating"}},
    {"amphora", "describe", {"status"}},
    {"lb-member", "describe", {"operating", "address", "port", "pool"}},
    {"volume", "describe", {"status"}},
    {"port", "describe", {"status"}},
    {"router", "describe", {"status"}},
    {"network", "describe", {"status"}},
    {"floating-ip", "describe", {"status"}},
    {"share", "describe", {"status", "access", "task"}},
    {"deployments", "describe", {"ready", "message"}},
    {"statefulsets", "describe", {"ready"}},
    {"daemonsets", "describe", {"ready"}},
    {"replicasets", "describe", {"ready"}},
    {"jobs", "describe", {"status"}},
    {"persistentvolumes", "describe", {"status"}},
    {"persistentvolumeclaims", "describe", {"status"}},
};
#define FACTS (sizeof facts / sizeof *facts)

static size_t fact_of(const struct row *r)
{
    size_t i = 0;
    while (i < FACTS && strcmp(facts[i].kind, r->kind->id) != 0)
        i++;
    return i;
}

/* Off, and its health does not count that as wrong: it may be meant. */
static const struct { const char *kind, *column, *value; enum why_state state; } off[] = {
    {"server", "status", "SHUTOFF", WHY_STOPPED},       {"server", "status", "PAUSED", WHY_STOPPED},
    {"server", "status", "SUSPENDED", WHY_STOPPED},     {"server", "status", "SHELVED", WHY_STOPPED},
    {"server", "status", "SHELVED_OFFLOADED", WHY_STOPPED}, {"server", "status", "RESCUE", WHY_STOPPED},
    {"server", "status", "REBOOT", WHY_PLANNED},        {"server", "status", "HARD_REBOOT", WHY_PLANNED},
    {"server", "status", "REBUILD", WHY_PLANNED},       {"baremetal", "power", "power off", WHY_STOPPED},
    {"deployments", "ready", "0/0", WHY_STOPPED},
    {"statefulsets", "ready", "0/0", WHY_STOPPED},
};

static bool says(const struct row *r, const char *column, const char *value)
{
    char buf[40];
    int col = kind_column(r->kind, column);
    return col >= 0 && !strcmp(row_text(r, col, 0, buf, sizeof buf), value);
}

/* Somebody took it out of service. What its own program noted ("AUTO: Connection to libvirt lost") was nobody's plan. */
bool link_out_of_service(const struct row *r)
{
    static const char *const kinds[] = {"os-services", "hypervisor", "compute-service", "volume-service", "network-agent"};
    size_t i = 0;
    while (i < sizeof kinds / sizeof *kinds && strcmp(kinds[i], r->kind->id) != 0)
        i++;
    const char *status = row_column(r, "status"), *reason = row_column(r, "reason");
    bool off_by = strstr(status, "forced-down") || (!strncmp(status, "disabled", 8) && strncmp(reason, "AUTO", 4) && strncmp(reason, "Auto-disabled", 13));
    return i < sizeof kinds / sizeof *kinds && off_by;
}

/* What is silent beside that, without a word that it shall be, is dead: to disable it is somebody's work, and that it died is not. */
bool link_dead(const struct row *r)
{
    return (link_is(r, "os-services") || link_is(r, "hypervisor")) && !strcmp(row_column(r, "state"), "down") && !strstr(row_column(r, "status"), "forced-down");
}

static int64_t time_of(const struct row *r, const char *column)
{
    int col = kind_column(r->kind, column);
    return col >= 0 ? r->cell[col].n : CELL_NONE;
}

/* Workers that are disabled go on with what they have; from an agent of layer 3 or DHCP Neutron takes its routers and networks at once. */
bool link_withdrawn(const struct row *r)
{
    const char *binary = link_is(r, "os-services") && link_out_of_service(r) && !link_dead(r) ? row_column(r, "binary") : "";
    return !strcmp(binary, "neutron-l3-agent") || !strcmp(binary, "neutron-dhcp-agent");
}

/* Sent away by who cordoned it: it went within the time that such work takes, and not before. */
#define WORK_MS (90 * 60000)
static bool sent_away(const struct row *r)
{
    int64_t cordoned = time_of(r, "cordoned"), gone = why_onset(r);
    return cordoned == CELL_NONE || gone == CELL_NONE || (cordoned <= gone && gone - cordoned <= WORK_MS);
}

enum why_state why_state_of(const struct row *r)
{
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        if (*off[i].kind == *r->kind->id && !strcmp(off[i].kind, r->kind->id) && says(r, off[i].column, off[i].value))
            return off[i].state;
    if (r->flags & ROW_STALE)
        return WHY_UNSEEN;
    if (*r->kind->id == 'n' && !strcmp(r->kind->id, "nodes") && !strncmp(row_column(r, "status"), "Ready,SchedulingDisabled", 24) && !*row_column(r, "pressure"))
        return WHY_FINE;                /* cordoned: what runs there runs on */
    if ((link_out_of_service(r) && !link_dead(r)) || (!strcmp(r->kind->id, "nodes") && r->health == HEALTH_BAD && strstr(row_column(r, "status"), ",SchedulingDisabled") && sent_away(r)))
        return WHY_PLANNED;
    if (r->health >= HEALTH_WARN && why_rolling(r))
        return WHY_PLANNED;
    switch (r->health) {
    case HEALTH_BAD: return WHY_BROKEN;
    case HEALTH_UNKNOWN: return r->kind->plane == PLANE_KUBE ? WHY_BROKEN : WHY_UNSEEN;      /* who reported it does not any more */
    case HEALTH_WARN: return r->flags & ROW_DELETING ? WHY_PLANNED : WHY_WEAK;
    default: return r->flags & ROW_DELETING ? WHY_PLANNED : WHY_FINE;
    }
}

bool why_rolling(const struct row *r)
{
    static const char *const kinds[] = {"deployments", "statefulsets", "daemonsets"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (*kinds[i] == *r->kind->id && !strcmp(kinds[i], r->kind->id))
            return *row_column(r, "rolling");
    return false;
}

int64_t why_onset(const struct row *r) { return time_of(r, "unready"); }

int64_t why_since(const struct row *r)
{
    static const struct { const char *kind, *column; } since[] = {{"os-services", "seen"}, {"server", "since"}, {"pods", "age"},
        {"baremetal", "since"}, {"volume", "changed"}, {"coe-cluster", "changed"}, {"nodes", "cordoned"}, {LINK_APISERVER, "since"}};
    int64_t then = why_onset(r);
    if (!strcmp(r->kind->id, "os-services") && link_out_of_service(r) && !link_dead(r))
        return CELL_NONE;               /* its heartbeat says when it was heard, and nobody when it was disabled */
    for (size_t i = 0; then == CELL_NONE && i < sizeof since / sizeof *since; i++)
        if (!strcmp(since[i].kind, r->kind->id))
            then = time_of(r, since[i].column);
    return then;
}

/* Words of a kubelet of what it tries again and again: where it is silent, they are older than its silence, however often a container that
 * starts and ends makes its pod ready for a moment. */
static bool fails_by_itself(const struct row *pod)
{
    static const char *const words[] = {"CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerConfigError"};
    const char *status = !strcmp(pod->kind->id, "pods") ? row_column(pod, "status") : "";
    status += strncmp(status, "Init:", 5) ? 0 : 5;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(status, words[i]))
            return true;
    return false;
}

/* When it was well last, at the earliest: an agent when it was heard of. */
int64_t link_began(const struct row *r)
{
    int64_t then = why_onset(r);
    return then == CELL_NONE && !strcmp(r->kind->id, "os-services") ? why_since(r) : then;
}

/* A record in error tells of what was tried once, and not after it was changed last. Manila does not say when that was. */
static bool records(const struct row *r, bool *dated)
{
    static const struct { const char *kind; bool dated; } kinds[] = {{"volume", true}, {"server", true}, {"share", false}};
    bool error = r->health == HEALTH_BAD && strcasestr(row_column(r, "status"), "error");
    for (size_t i = 0; error && i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(r->kind->id, kinds[i].kind)) {
            *dated = kinds[i].dated;
            return true;
        }
    return false;
}

bool link_failed_before(const struct row *symptom, const struct row *cause)
{
    bool dated = true, record = records(symptom, &dated);
    int64_t then = record ? why_since(symptom) : link_began(symptom), its = cause ? link_began(cause) : CELL_NONE;
    if (its == CELL_NONE || then == CELL_NONE)
        return its != CELL_NONE && !dated;      /* that it was after this began is not known */
    bool silent = !strcmp(cause->kind->id, "nodes") && !strcmp(row_column(cause, "ready"), "Unknown");
    return its > then + (silent && fails_by_itself(symptom) ? 0 : ONSET_SLACK_MS);
}

bool link_api_silent(const struct row *r)
{
    return link_is(r, "os-services") && (r->flags & ROW_HEAD) && !strcmp(row_column(r, "state"), "down") && strstr(row_column(r, "reason"), "did not answer");
}

static void words(const struct row *r, int64_t now_ms, int cells, struct str *out)
{
    size_t f = fact_of(r), said = 0;
    char buf[160];
    for (size_t i = 0; f < FACTS && i < WORDS_MAX && facts[f].word[i]; i++) {
        int col = kind_column(r->kind, facts[f].word[i]);
        const char *s = col >= 0 ? row_text(r, col, now_ms, buf, sizeof buf) : "";
        if (!*s || *s == '<')
            continue;
        if (!strcmp(facts[f].word[i], "state") && link_api_silent(r))
            s = "silent";
        bool bare = !said || !strcmp(facts[f].word[i], "message");
        size_t n = cells ? text_fit(s, strlen(s), cells, NULL) : strlen(s);
        bool about = !strcmp(facts[f].word[i], "unready") && *row_column(r, "unready-how");
        str_addf(out, "%s%s%s%s%.*s%s", said ? ", " : "", bare ? "" : facts[f].word[i], bare ? "" : " ", about ? "about " : "", (int)n, s, s[n] ? "..." : "");
        said++;
    }
    if (!said)
        str_adds(out, health_name((enum health)r->health));
}

bool why_words_dated(const struct row *r)
{
    size_t f = fact_of(r);
    for (size_t i = 0; f < FACTS && i < WORDS_MAX && facts[f].word[i]; i++) {
        int col = kind_column(r->kind, facts[f].word[i]);
        if (col >= 0 && r->kind->columns[col].type == COL_TIME && r->cell[col].n != CELL_NONE)
            return true;
    }
    return false;
}

void why_words(const struct row *r, int64_t now_ms, struct str *out) { words(r, now_ms, WORD_CELLS, out); }
void why_words_whole(const struct row *r, int64_t now_ms, struct str *out) { words(r, now_ms, 0, out); }

void why_next(const struct row *r, const char *source, struct str *out)
{
    size_t f = fact_of(r);
    bool kube = r->kind->plane == PLANE_KUBE;
    if (f < FACTS && !strcmp(facts[f].verb, "doctor"))
        str_addf(out, "strata doctor --context %s", source);
    else
        str_addf(out, "strata %s %s %s --%s %s", f < FACTS ? facts[f].verb : "get", r->kind->singular, r->name, kube ? "context" : "cloud", source);
    if (kube && *r->scope)
        str_addf(out, " -n %s", r->scope);
}
