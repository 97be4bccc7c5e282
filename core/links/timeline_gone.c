/* What is not there any more: rows of it made of what events, the journal and the ring of what was seen still tell. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/links/timeline_read.h"
#include "strata/mem.h"
#include "strata/text.h"

struct search { const struct tell *t; const struct kind *kind; const char *name, *ns; struct row **row; size_t n, max; };

static char *put(char **at, const char *s)
{
    char *to = *at;
    size_t n = strlen(s) + 1;
    memcpy(to, s, n);
    *at += n;
    return to;
}

static struct row *make(const struct kind *k, uint16_t source, const char *scope, const char *name, const char *uid)
{
    size_t head = offsetof(struct row, cell) + k->ncolumns * sizeof(union cell);
    struct row *r = mem_zalloc(head + strlen(scope) + strlen(name) + strlen(uid) + 3);
    if (!r)
        return NULL;
    char *at = (char *)r + head;
    r->kind = k;
    r->source = source;
    r->labels = r->owner = "";
    r->created_ms = CELL_NONE;
    r->scope = put(&at, scope);
    r->name = put(&at, name);
    r->uid = put(&at, uid);
    for (size_t i = 0; i < k->ncolumns; i++)
        if (k->columns[i].type != COL_TEXT)
            r->cell[i].n = CELL_NONE;
    return r;
}

static bool in_name(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

/* A sentence may end with the name. */
static bool ends(const char *p) { return !in_name(*p) || (*p == '.' && !in_name(p[1])); }

bool timeline_event_mentions(const struct row *event, const struct row *object)
{
    const char *text = row_column(event, "message");
    size_t n = strlen(object->name);
    if (!n || event->source != object->source || strcmp(event->scope, object->scope) != 0)
        return false;
    for (const char *p = text; (p = strstr(p, object->name)); p += n)
        if ((p == text || !in_name(p[-1])) && ends(p + n))
            return true;
    return false;
}

bool timeline_stood_for(const struct row *object, const struct seen_change *s)
{
    char tail[600];
    size_t n = strlen(s->name), len;
    if (strcmp(object->kind->id, "services") != 0 || strcmp(s->kind->id, "loadbalancer") != 0 || strncmp(s->name, "kube_service_", 13) != 0)
        return false;
    len = (size_t)snprintf(tail, sizeof tail, "_%.253s_%.253s", object->scope, object->name);
    return n > len + 13 && !strcmp(s->name + n - len, tail);
}

void timeline_gone_free(struct row *r) { mem_free(r); }

/* Each once; of what was made anew under its name each is one of its own. */
static void found(struct search *s, uint16_t source, const char *scope, const char *name, const char *uid)
{
    if ((strcmp(name, s->name) != 0 && strcmp(uid, s->name) != 0) || (*s->ns && strcmp(scope, s->ns) != 0) || s->n == s->max)
        return;
    for (size_t i = 0; i < s->n; i++)
        if (links_cluster(s->t->l, s->row[i]->source) == links_cluster(s->t->l, source) && !strcmp(s->row[i]->scope, scope) && !strcmp(s->row[i]->uid, uid))
            return;
    struct row *r = make(s->kind, source, scope, name, uid);
    if (r)
        s->row[s->n++] = r;
}

static void in_events(struct search *s, const struct snap *events)
{
    for (size_t i = 0; events && i < snap_slots(events); i++) {
        const struct row *e = snap_row(events, i);
        const char *what = e ? row_column(e, "object") : "", *slash = strchr(what, '/'), *uid = e ? row_column(e, "object-uid") : "";
        size_t n = slash ? (size_t)(slash - what) : 0;
        if (!n || strlen(s->kind->singular) != n || strncmp(what, s->kind->singular, n) != 0 || !*uid)
            continue;
        found(s, e->source, s->kind->flags & KIND_NAMESPACED ? e->scope : "", slash + 1, uid);
    }
}

static const char *clean(struct str *to, const json_t *j, const char *key)
{
    const char *s = json_string_value(json_object_get(j, key));
    str_init(to, 1200);
    if (s)
        text_clean(to, s, strnlen(s, 300), 0);
    return to->data ? to->data : "";
}

static void in_journal(void *arg, const char *line, size_t n)
{
    struct search *s = arg;
    json_t *j = strstr(line, s->name) ? json_read(line, n, 0, NULL) : NULL;
    const char *source = json_string_value(json_object_get(j, "source")), *kind = json_string_value(json_object_get(j, "kind"));
    struct str scope, name, uid;
    if (source && kind && !strcmp(kind, s->kind->id))
        for (uint16_t i = 0; i < CORE_MAX_SOURCES; i++) {
            const struct source_info *at = s->t->source(s->t->arg, i);
            if (!at || strcmp(at->name, source) != 0)
                continue;
            clean(&scope, j, "scope"), clean(&name, j, "name");
            if (*clean(&uid, j, "uid"))
                found(s, i, scope.data ? scope.data : "", name.data ? name.data : "", uid.data);
            str_release(&scope);
            str_release(&name);
            str_release(&uid);
        }
    json_decref(j);
}

static void was_seen(void *arg, const struct seen_change *c)
{
    struct search *s = arg;
    if (c->kind == s->kind)
        found(s, c->source, c->scope, c->name, c->uid);
}

/* A server that is gone keeps its actions, to be had by its id. */
static void by_uid(struct search *s)
{
    for (uint16_t i = 0; !s->n && i < CORE_MAX_SOURCES && (s->kind->flags & KIND_CONSOLE) && strlen(s->name) == 36; i++) {
        const struct source_info *at = s->t->source(s->t->arg, i);
        if (at && at->plane == PLANE_OPENSTACK)
            found(s, i, "", s->name, s->name);
    }
}

size_t timeline_gone(const struct timeline_job *j, const struct tell *t, const struct kind *k, const char *name, const char *ns, struct row **out, size_t max)
{
    struct search s = {t, k, name, ns, out, 0, max};
    size_t len;
    const char *journal = timeline_job_journal(j, &len);
    for (size_t i = 0; k->plane == PLANE_KUBE && i < timeline_job_feeds(j); i++)
        in_events(&s, timeline_job_events(j, i));
    timeline_journal_each(journal, len, in_journal, &s);
    core_seen_each(timeline_job_core(j), was_seen, &s);
    by_uid(&s);
    return s.n;
}

uint32_t timeline_host(const struct timeline *t, const struct tell *tell, const struct row *pod)
{
    for (size_t i = t->n; i--;) {
        const char *what = t->line[i].what, *to = strncmp(what, "Scheduled: ", 11) ? NULL : strstr(what, " to ");
        for (uint32_t k = 0; to && k < links_nodes(tell->l); k++) {
            const struct row *r = links_row(tell->l, k);
            if (r && r->source == pod->source && !strcmp(r->kind->id, "nodes") && !strcmp(r->name, to + 4))
                return k;
        }
    }
    return LINK_NO_NODE;
}

/* Strata saw it go, or deleted it; else what was told of it last is all that is known. */
static bool ended(const struct timeline_line *l)
{
    static const struct { enum timeline_from from; const char *words; } ends[] = {
        {TIMELINE_OPERATION, "delete done"}, {TIMELINE_OPERATION, "force-delete done"}, {TIMELINE_OPERATION, "evict done"}, {TIMELINE_SEEN, "is gone"},
        {TIMELINE_ACTION, "delete: compute_terminate_instance ended: Success"},
    };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (l->from == ends[i].from && !strncmp(l->what, ends[i].words, strlen(ends[i].words)))
            return true;
    return false;
}

/* The newest, and of an operation and what Nova did for it the operation. */
static const struct timeline_line *end_of(const struct timeline *t, const char *name)
{
    const struct timeline_line *found = NULL;
    for (size_t i = t->n; i--;)
        if (ended(&t->line[i]) && !strcmp(t->line[i].object, name) && (!found || (found->from == TIMELINE_ACTION && t->line[i].from == TIMELINE_OPERATION)))
            found = &t->line[i];
    return found;
}

static void tell(const struct timeline *line, const char *name, struct str *out)
{
    char when[40];
    const struct timeline_line *end = end_of(line, name), *l = end;
    for (size_t i = line->n; i-- && !l;)
        l = strcmp(line->line[i].object, name) ? NULL : &line->line[i];
    if (!l) {
        str_adds(out, "is not there any more");
        return;
    }
    text_format_time(when, sizeof when, (l->lo_ms + l->hi_ms) / 2);
    str_addf(out, "%s %s (", end ? "is gone since" : "is not there any more, told of last", when);
    str_add(out, l->what, strcspn(l->what, ":"));
    if (l->from != TIMELINE_SEEN && *l->who)
        str_addf(out, "%s%s", l->from == TIMELINE_ACTION ? " on " : " by ", l->who);
    str_addc(out, ')');
}

void tell_gone(const struct timeline *line, const struct row *r, struct str *out)
{
    struct str name;
    str_init(&name, 2048);
    timeline_name(r, &name);
    tell(line, name.data ? name.data : "", out);
    str_release(&name);
}
