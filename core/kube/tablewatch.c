/* Codec of all other resources: the server's own Table, its columns and cells, listed and watched. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/json_read.h"
#include "core/kube/kube_priv.h"
#include "strata/mem.h"
#include "strata/text.h"

#define ACCEPT_TABLE "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
#define MAX_COLUMNS 100
#define MAX_EVENT (16u << 20)

/* ---- ages ---- */

/* The server prints dates as ages, which freeze: "5d", "3h20m", "2y120d". Back to seconds, to let them tick again. */
bool kube_parse_age(const char *s, int64_t *seconds)
{
    static const struct { char unit; int64_t s; } units[] = {{'y', 365 * 86400}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
    int64_t sum = 0;
    size_t u = 0;
    if (!*s)
        return false;
    while (*s) {
        char *end;
        if (*s < '0' || *s > '9')
            return false;
        long n = strtol(s, &end, 10);
        if (end - s > 6)
            return false;
        while (u < sizeof units / sizeof *units && units[u].unit != *end)
            u++;
        if (u == sizeof units / sizeof *units)
            return false;
        sum += n * units[u++].s;
        s = end + 1;
    }
    *seconds = sum;
    return true;
}

/* The age was cut to its unit, and the clock it is shown by is known to a second: a little on top, or "41h" reads 40h. */
int64_t kube_age_cell(const char *s, int64_t now_ms, int64_t old_ms)
{
    int64_t age, ms;
    char was[64];
    if (strcmp(s, "<invalid>") == 0)              /* in the future, nobody says when: and so it reads */
        return INT64_MAX / 2;
    if (!kube_parse_age(s, &age))
        return text_parse_time(s, strlen(s), &ms) ? ms : CELL_NONE;
    if (old_ms != CELL_NONE) {
        text_age(was, sizeof was, (now_ms - old_ms) / 1000);
        if (strcmp(was, s) == 0)
            return old_ms;
    }
    return now_ms - age * 1000 - (age < 600 ? 1000 : 2000);
}

/* ---- health ---- */

struct word { const char *word; enum health health; };

static enum health look_up(const struct word *w, const char *s)
{
    for (; w->word; w++)
        if (strcasecmp(w->word, s) == 0)
            return w->health;
    return HEALTH_NONE;
}

/* "2/3": not all there yet */
static enum health of_ratio(const char *s)
{
    char *end;
    long a = strtol(s, &end, 10), b;
    if (end == s || *end != '/')
        return HEALTH_NONE;
    s = end + 1;
    b = strtol(s, &end, 10);
    return end == s || *end ? HEALTH_NONE : a >= b ? HEALTH_OK : HEALTH_WARN;
}

enum health kube_word_health(const char *title, const char *word)
{
    static const char *const states[] = {"status", "phase", "state", "health", "health status", "sync status", "reason", NULL};
    static const char *const truths[] = {"ready", "available", "healthy", "synced", "established", "accepted", "programmed", NULL};
    static const struct word words[] = {
        {"Active", HEALTH_OK}, {"Bound", HEALTH_OK}, {"Available", HEALTH_OK}, {"Ready", HEALTH_OK}, {"Running", HEALTH_OK},
        {"Healthy", HEALTH_OK}, {"Established", HEALTH_OK}, {"Approved", HEALTH_OK}, {"Approved,Issued", HEALTH_OK},
        {"Synced", HEALTH_OK}, {"Deployed", HEALTH_OK}, {"Provisioned", HEALTH_OK}, {"Reconciled", HEALTH_OK},
        {"Succeeded", HEALTH_DONE}, {"Success", HEALTH_DONE}, {"Completed", HEALTH_DONE}, {"Complete", HEALTH_DONE},
        {"Pending", HEALTH_BUSY}, {"Creating", HEALTH_BUSY}, {"Provisioning", HEALTH_BUSY}, {"Terminating", HEALTH_BUSY},
        {"Progressing", HEALTH_BUSY}, {"Updating", HEALTH_BUSY}, {"Deleting", HEALTH_BUSY}, {"Reconciling", HEALTH_BUSY},
        {"Scaling", HEALTH_BUSY}, {"Upgrading", HEALTH_BUSY}, {"Initializing", HEALTH_BUSY}, {"Installing", HEALTH_BUSY},
        {"Unknown", HEALTH_UNKNOWN}, {"Warning", HEALTH_WARN}, {"OutOfSync", HEALTH_WARN}, {"Suspended", HEALTH_WARN},
        {"Released", HEALTH_WARN}, {"Missing", HEALTH_WARN}, {"Paused", HEALTH_WARN}, {"Failed", HEALTH_BAD},
        {"Failure", HEALTH_BAD}, {"Error", HEALTH_BAD}, {"Lost", HEALTH_BAD}, {"Degraded", HEALTH_BAD},
        {"Unhealthy", HEALTH_BAD}, {"NotReady", HEALTH_BAD}, {"Denied", HEALTH_BAD}, {"Invalid", HEALTH_BAD},
        {"HEALTH_OK", HEALTH_OK}, {"HEALTH_WARN", HEALTH_WARN}, {"HEALTH_ERR", HEALTH_BAD}, {NULL, 0}};
    static const struct word bools[] = {{"True", HEALTH_OK}, {"Yes", HEALTH_OK}, {"False", HEALTH_WARN}, {"No", HEALTH_WARN},
                                        {"Unknown", HEALTH_UNKNOWN}, {NULL, 0}};
    for (size_t i = 0; states[i]; i++)
        if (strcasecmp(title, states[i]) == 0)
            return look_up(words, word);
    for (size_t i = 0; truths[i]; i++)
        if (strcasecmp(title, truths[i]) == 0) {
            enum health h = look_up(bools, word);
            return h != HEALTH_NONE ? h : of_ratio(word);
        }
    return HEALTH_NONE;
}

static bool tells_health(const char *title)
{
    return kube_word_health(title, "Failed") != HEALTH_NONE || kube_word_health(title, "False") != HEALTH_NONE;
}

/* ---- columns ---- */

enum cell_use { USE_TEXT, USE_INT, USE_AGE /* of the object: from its metadata */, USE_DATE /* any other, printed as an age */,
                USE_SCOPE };

struct kube_columns {                  /* a discovered kind with the columns of one server's Table; kept */
    struct kube_columns *next;
    const struct kind *base;
    char *signature;                   /* name, type and priority of each column */
    struct kind kind;
    struct column *column;
    struct cell_source { uint8_t use, health; } *from;    /* per column */
    char **text;                       /* ids, titles, helps */
    size_t ntext, first, facts;        /* columns before the server's; where those after them begin */
};

static void columns_free(struct kube_columns *c)
{
    for (size_t i = 0; i < c->ntext; i++)
        mem_free(c->text[i]);
    mem_free(c->text);
    mem_free(c->from);
    mem_free(c->column);
    mem_free(c->signature);
    mem_free(c);
}

void kube_columns_free_all(struct kube_columns *c)
{
    for (struct kube_columns *next; c; c = next) {
        next = c->next;
        columns_free(c);
    }
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* A date that the server prints as a date ("2026-01-02T03:04:05Z") or in words stays text; one printed as an age ticks. */
static bool prints_stamp(const json_t *cells, size_t i)
{
    const char *s = json_string_value(json_array_get(cells, i));
    int64_t age;
    return s && *s && *s != '<' && !kube_parse_age(s, &age);
}

static char *signature_of(const json_t *defs, const json_t *cells)
{
    struct str s;
    str_init(&s, 1u << 20);
    for (size_t i = 0; i < json_array_size(defs); i++) {
        const json_t *d = json_array_get(defs, i);
        str_addf(&s, "%s\t%s\t%d%s\n", text_of(d, "name"), text_of(d, "type"),
                 (int)json_integer_value(json_object_get(d, "priority")),
                 strcmp(text_of(d, "type"), "date") == 0 && prints_stamp(cells, i) ? "\tstamp" : "");
    }
    str_adds(&s, "");
    char *out = s.len ? str_take(&s) : mem_strdup("");
    str_release(&s);
    return out;
}

enum keep_how { AS_IS, AS_ID, AS_TITLE };

/* Keeps s (clean, in one of three cases of letters) with the columns. NULL: out of memory. */
static const char *keep(struct kube_columns *c, const char *s, enum keep_how how)
{
    struct str t;
    str_init(&t, 4096);
    text_clean(&t, s, strlen(s) < 1000 ? strlen(s) : 1000, 0);
    if (how != AS_IS)
        text_case(&t, how == AS_TITLE);
    for (char *p = t.data; how == AS_ID && *p; p++) {
        if (*p >= 0 && !((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9')))
            *p = '-';
    }
    char *out = t.len ? str_take(&t) : mem_strdup("");
    str_release(&t);
    if (out)
        c->text[c->ntext++] = out;
    return out;
}

/* One sentence of a description that may be an essay. */
static const char *first_sentence(const char *s, char *buf, size_t size)
{
    const char *dot = strstr(s, ". ");
    size_t n = dot ? (size_t)(dot - s + 1) : strcspn(s, "\n");
    snprintf(buf, size, "%.*s", (int)(n < size ? n : size - 1), s);
    return buf;
}

static bool add_column(struct kube_columns *c, size_t i, const json_t *def, bool stamp)
{
    char buf[300], id[96];
    struct column *col = &c->column[i];
    const char *name = text_of(def, "name"), *type = text_of(def, "type");
    bool age = strcasecmp(name, "age") == 0;
    /* printed as ages though the server calls them strings: frozen, they would lie */
    bool seen = strcasecmp(name, "last seen") == 0 || strcasecmp(name, "first seen") == 0 || strcasecmp(name, "last schedule") == 0;
    const char *clean_id = keep(c, name[0] ? name : "column", AS_ID);
    for (size_t j = 0; clean_id && j < i; j++)
        if (strcmp(c->column[j].id, clean_id) == 0) {      /* names need not differ, ids must */
            snprintf(id, sizeof id, "%.60s-%zu", clean_id, i);
            clean_id = keep(c, id, AS_ID);
            break;
        }
    *col = (struct column){
        .id = clean_id,
        .title = keep(c, name, AS_TITLE),
        .help = keep(c, first_sentence(text_of(def, "description"), buf, sizeof buf), AS_IS),
        .type = COL_TEXT,
        .flags = json_integer_value(json_object_get(def, "priority")) > 0 ? COL_WIDE : 0,
    };
    c->from[i].use = USE_TEXT;
    c->from[i].health = tells_health(name);
    if (age || seen || (strcmp(type, "date") == 0 && !stamp)) {
        col->type = COL_TIME;
        col->none = seen ? "<none>" : age ? "<unknown>" : "";
        c->from[i].use = age ? USE_AGE : USE_DATE;
    } else if (strcmp(type, "integer") == 0) {
        col->type = COL_INT;
        col->flags |= COL_RIGHT;
        c->from[i].use = USE_INT;
    } else if (strcmp(type, "number") == 0) {
        col->flags |= COL_NUMBER;
    }
    if (strcasecmp(name, "name") == 0)
        col->flags |= COL_SORT;
    return col->id && col->title && col->help;
}

static struct kube_columns *columns_new(const struct kind *base, const json_t *defs, const json_t *cells, char *signature)
{
    size_t n = json_array_size(defs) < MAX_COLUMNS ? json_array_size(defs) : MAX_COLUMNS;
    struct kube_columns *c = mem_zalloc(sizeof *c);
    if (!c)
        return NULL;
    c->base = base;
    c->first = base->flags & KIND_NAMESPACED ? 1 : 0;
    c->column = mem_zalloc((n + 1 + kube_facts_columns(base, NULL)) * sizeof *c->column);
    c->from = mem_zalloc((n + 1) * sizeof *c->from);
    c->text = mem_zalloc((n + 1) * 4 * sizeof *c->text);
    bool ok = c->column && c->from && c->text;
    if (ok && c->first) {
        c->column[0] = (struct column){.id = "namespace", .title = "NAMESPACE", .help = "Namespace of the object.",
                                       .type = COL_TEXT, .flags = COL_INTERN | COL_SCOPE | COL_SORT};
        c->from[0].use = USE_SCOPE;
    }
    bool state = false;
    for (size_t i = 0; ok && i < n; i++) {
        ok = add_column(c, c->first + i, json_array_get(defs, i), prints_stamp(cells, i));
        if (ok && !state && c->from[c->first + i].health) {
            c->column[c->first + i].flags |= COL_STATE;
            state = true;
        }
    }
    if (!ok) {
        columns_free(c);
        return NULL;
    }
    c->signature = signature;
    c->kind = *base;
    c->kind.columns = c->column;
    c->facts = c->first + n;
    c->kind.ncolumns = c->facts + kube_facts_columns(base, c->column + c->facts);
    return c;
}

/* The kind with these columns: the one there is, or a new one. NULL: out of memory. */
static struct kube_columns *columns_for(struct kfeed *kf, const json_t *defs, const json_t *cells)
{
    char *sig = signature_of(defs, cells);
    struct kube_columns *c = sig ? kf->ks->columns : NULL;
    while (c && !(c->base == kf->kind && strcmp(c->signature, sig) == 0))
        c = c->next;
    if (c || !sig) {
        mem_free(sig);
        return c;
    }
    c = columns_new(kf->kind, defs, cells, sig);
    if (!c) {
        mem_free(sig);
        return NULL;
    }
    c->next = kf->ks->columns;
    kf->ks->columns = c;
    return c;
}

/* ---- rows ---- */

static void put_identity(struct rowbuf *rb, const json_t *meta)
{
    char key[600];
    const char *uid = text_of(meta, "uid"), *ns = text_of(meta, "namespace"), *name = text_of(meta, "name"), *k;
    const json_t *v;
    if (!uid[0]) {                                /* objects computed on the fly have none: their name is their identity */
        snprintf(key, sizeof key, "%.256s/%.300s", ns, name);
        uid = key;
    }
    rowbuf_id(rb, uid, ns, name);
    json_t *labels = json_object_get(meta, "labels");
    json_object_foreach(labels, k, v)
        if (json_is_string(v))
            rowbuf_label(rb, k, json_string_value(v));
    const json_t *owners = json_object_get(meta, "ownerReferences");
    for (size_t i = 0; i < json_array_size(owners); i++) {
        const json_t *o = json_array_get(owners, i);
        if (json_is_true(json_object_get(o, "controller")))
            rowbuf_owner(rb, text_of(o, "kind"), text_of(o, "name"), text_of(o, "uid"));
    }
    int64_t ms;
    const char *t = text_of(meta, "creationTimestamp");
    if (t[0] && text_parse_time(t, strlen(t), &ms))
        rowbuf_created(rb, ms);
    if (text_of(meta, "deletionTimestamp")[0]) {
        rowbuf_flag(rb, ROW_DELETING);
        rowbuf_health(rb, HEALTH_BUSY);
    }
}

static void put_text(struct rowbuf *rb, int col, const json_t *cell)
{
    if (json_is_string(cell)) {
        rowbuf_textn(rb, col, json_string_value(cell), json_string_length(cell));
    } else if (cell && !json_is_null(cell)) {
        char *s = json_dumps(cell, JSON_ENCODE_ANY | JSON_COMPACT);
        rowbuf_text(rb, col, s);
        json_text_free(s);
    }
}

static enum health put_cell(struct rowbuf *rb, const struct kube_columns *c, size_t i, const json_t *cell, const struct row *old,
                            int64_t now_ms)
{
    const char *s = json_string_value(cell);
    switch (c->from[i].use) {
    case USE_INT:
        if (json_is_integer(cell))
            rowbuf_num(rb, (int)i, json_integer_value(cell));
        break;
    case USE_DATE:
        if (s)
            rowbuf_num(rb, (int)i, kube_age_cell(s, now_ms, old && old->kind == &c->kind ? old->cell[i].n : CELL_NONE));
        break;
    case USE_AGE:                                 /* rowbuf_created did it */
    case USE_SCOPE:
        break;
    default:
        put_text(rb, (int)i, cell);
    }
    if (!c->from[i].health)
        return HEALTH_NONE;
    if (s)
        return kube_word_health(c->column[i].title, s);
    return json_is_boolean(cell) ? kube_word_health(c->column[i].title, json_is_true(cell) ? "True" : "False") : HEALTH_NONE;
}

static bool put_row(struct kfeed *kf, const json_t *cells, const json_t *object)
{
    const json_t *meta = json_object_get(object, "metadata");
    const struct kube_columns *c = kf->columns;
    struct rowbuf *rb = store_rowbuf(kf->f->store);
    int64_t now_ms = kube_now_ms(kf->ks);
    enum health worst = HEALTH_NONE;
    if (!json_is_object(meta))
        return true;
    const struct row *old = store_get(kf->f->store, text_of(meta, "uid"));
    rowbuf_begin(rb, &c->kind);
    put_identity(rb, meta);
    if (c->first)
        rowbuf_text(rb, 0, text_of(meta, "namespace"));
    for (size_t i = c->first; i < c->facts; i++) {
        enum health h = put_cell(rb, c, i, json_array_get(cells, i - c->first), old, now_ms);
        worst = h > worst ? h : worst;
    }
    kube_facts_fill(rb, c->base, c->facts, object);
    if (worst != HEALTH_NONE && !text_of(meta, "deletionTimestamp")[0])
        rowbuf_health(rb, worst);
    struct row *row = rowbuf_finish(rb);
    if (!row) {                                   /* a table that silently lacks a row would lie */
        err_set(&kf->fault, ERR_NOMEM, 0, "out of memory");
        return false;
    }
    kf->touched = true;
    if (store_put(kf->f->store, row))
        return true;
    err_set(&kf->fault, ERR_NOMEM, 0, "out of memory");
    return false;
}

/* ---- documents ---- */

static json_t *plain_columns(void)
{
    return json_pack("[{s:s,s:s,s:s},{s:s,s:s,s:s}]", "name", "Name", "type", "string", "description", "Name of the object.",
                     "name", "Age", "type", "string", "description", "Time since it was created.");
}

/* New columns in the middle of things: a list just starts the table over; a watch has to list again. */
static bool take_columns(struct kfeed *kf, const json_t *defs, const json_t *rows)
{
    const json_t *cells = json_object_get(json_array_get(rows, 0), "cells");
    if (json_array_size(defs) == 0 && kf->columns)
        return true;
    json_t *plain = json_array_size(defs) ? NULL : plain_columns();
    struct kube_columns *c = columns_for(kf, plain ? plain : defs, cells);
    json_decref(plain);
    if (!c) {
        err_set(&kf->fault, ERR_NOMEM, 0, "out of memory");
        return false;
    }
    if (c == kf->columns)
        return true;
    if (kf->columns && kf->phase == KF_WATCH) {
        err_set(&kf->fault, ERR_GONE, 0, "the server changed the columns of %s", kf->kind->id);
        return false;
    }
    kf->columns = c;
    feed_set_kind(kf->f, &c->kind);
    return true;
}

/* The rows of a Table; of a plain list or object (a server that knows no Tables), its items by their metadata. */
static bool each_row(struct kfeed *kf, const json_t *doc, bool (*fn)(struct kfeed *, const json_t *cells, const json_t *object))
{
    bool table = strcmp(text_of(doc, "kind"), "Table") == 0;
    const json_t *items = json_object_get(doc, table ? "rows" : "items");
    if (!table && !items) {
        json_t *cells = json_pack("[s?,s?]", text_of(json_object_get(doc, "metadata"), "name"), NULL);
        bool ok = fn(kf, cells, doc);
        json_decref(cells);
        return ok;
    }
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *it = json_array_get(items, i);
        bool ok;
        if (table) {
            ok = fn(kf, json_object_get(it, "cells"), json_object_get(it, "object"));
        } else {
            json_t *cells = json_pack("[s?,s?]", text_of(json_object_get(it, "metadata"), "name"), NULL);
            ok = fn(kf, cells, it);
            json_decref(cells);
        }
        if (!ok)
            return false;
    }
    return true;
}

static bool delete_row(struct kfeed *kf, const json_t *cells, const json_t *object)
{
    const json_t *meta = json_object_get(object, "metadata");
    char key[600];
    const char *uid = text_of(meta, "uid");
    (void)cells;
    if (!uid[0]) {
        snprintf(key, sizeof key, "%.256s/%.300s", text_of(meta, "namespace"), text_of(meta, "name"));
        uid = key;
    }
    if (store_delete(kf->f->store, uid))
        kf->touched = true;
    return true;
}

static bool note_rv(struct kfeed *kf, const json_t *cells, const json_t *object)
{
    (void)cells;
    kfeed_set_rv(kf, text_of(json_object_get(object, "metadata"), "resourceVersion"));
    return true;
}

static bool bad_json(struct kfeed *kf)
{
    err_set(&kf->fault, ERR_PROTO, 0, "the server's table of %s cannot be read", kf->kind ? kf->kind->id : "rows");
    return false;
}

static bool watch_line(struct kfeed *kf, const char *line, size_t len)
{
    json_t *ev = json_read(line, len, 0, NULL);
    const char *type = text_of(ev, "type");
    json_t *obj = json_object_get(ev, "object");
    bool ok = true;
    if (!json_is_object(obj)) {
        ok = bad_json(kf);
    } else if (strcmp(type, "ERROR") == 0) {
        char *s = json_dumps(obj, JSON_COMPACT);
        kfeed_status_fault(kf, (int)json_integer_value(json_object_get(obj, "code")), s ? s : "", s ? strlen(s) : 0);
        json_text_free(s);
        ok = false;
    } else {
        if (strcmp(type, "BOOKMARK") == 0)
            kf->bookmarks = true;
        else
            ok = take_columns(kf, json_object_get(obj, "columnDefinitions"), json_object_get(obj, "rows")) &&
                 each_row(kf, obj, strcmp(type, "DELETED") == 0 ? delete_row : put_row);
        if (ok) {
            kfeed_set_rv(kf, text_of(json_object_get(obj, "metadata"), "resourceVersion"));
            each_row(kf, obj, note_rv);
        }
    }
    json_decref(ev);
    return ok;
}

/* ---- the codec ---- */

static const char *table_accept(const struct kfeed *kf)
{
    (void)kf;
    return ACCEPT_TABLE;
}

static bool table_begin(struct kfeed *kf, const struct net_head *head, bool watch)
{
    (void)head;
    (void)watch;
    str_clear(&kf->buf);
    return true;
}

static bool table_data(struct kfeed *kf, const char *data, size_t len)
{
    if (!str_add(&kf->buf, data, len) || (kf->phase == KF_WATCH && kf->buf.len > 2 * MAX_EVENT)) {
        err_set(&kf->fault, ERR_TOOBIG, 0, "the server's table is too big");
        return false;
    }
    if (kf->phase != KF_WATCH)
        return true;
    size_t done = 0;
    for (const char *nl; (nl = memchr(kf->buf.data + done, '\n', kf->buf.len - done));) {
        size_t n = (size_t)(nl - kf->buf.data) - done;
        if (n > 0 && !watch_line(kf, kf->buf.data + done, n))
            return false;
        done += n + 1;
    }
    str_cut(&kf->buf, done);
    return true;
}

static bool table_end(struct kfeed *kf)
{
    json_t *doc = kf->buf.len ? json_read(kf->buf.data, kf->buf.len, 0, NULL) : NULL;
    bool table = strcmp(text_of(doc, "kind"), "Table") == 0;
    bool ok = json_is_object(doc) && (table || json_is_array(json_object_get(doc, "items")) || (kf->one && json_object_get(doc, "metadata")));
    if (!ok)
        bad_json(kf);
    ok = ok && take_columns(kf, table ? json_object_get(doc, "columnDefinitions") : NULL, json_object_get(doc, "rows")) && each_row(kf, doc, put_row);
    if (ok) {
        const json_t *meta = json_object_get(doc, "metadata");
        const char *cont = text_of(meta, "continue");
        kfeed_set_list_rv(kf, text_of(meta, "resourceVersion"));
        mem_free(kf->cont);
        kf->cont = NULL;
        ok = !cont[0] || kfeed_set_text(&kf->cont, cont, strlen(cont));
    }
    json_decref(doc);
    return ok;
}

static void table_reset(struct kfeed *kf)
{
    str_release(&kf->buf);
}

const struct kube_codec kube_table_codec = {
    .accept = table_accept,
    .begin = table_begin,
    .data = table_data,
    .end = table_end,
    .reset = table_reset,
    .next_page = 500,                  /* a row of metadata costs jansson some 200 us: pages of at most 0.1 s */
};
