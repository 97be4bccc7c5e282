/* strata describe, logs, delete: things done with named objects. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/batch.h"

/* "KIND NAME..." or "KIND/NAME...": the kind, and the first index of the names in args. */
static bool split_kind(struct batch *b, char *kind, size_t size, const char *plain_kind, size_t *first, const char **slash_name)
{
    const char *a = b->opt->args.items[0], *slash = strchr(a, '/');
    *slash_name = NULL;
    if (slash) {
        snprintf(kind, size, "%.*s", (int)(slash - a), a);
        *slash_name = slash + 1;
        *first = 1;
    } else if (plain_kind) {
        snprintf(kind, size, "%s", plain_kind);
        *first = 0;
    } else {
        snprintf(kind, size, "%s", a);
        *first = 1;
        if (b->opt->args.count < 2) {
            batch_error(b, EXIT_USAGE, "%s %s: which one? Give a name", b->opt->verb, kind);
            return false;
        }
    }
    return true;
}

/* One cluster and one namespace: the name says all, no list is needed to find it. The kind may be known later. */
bool batch_one_place(const struct batch *b, const struct kind *k, struct row *r)
{
    size_t n = 0;
    if ((k && k->plane != PLANE_KUBE) || b->opt->all_namespaces || b->opt->namespaces.count > 1)
        return false;
    for (size_t i = 0; i < b->ninfo; i++) {
        if (b->info[i].plane != PLANE_KUBE)
            continue;
        const char *ns = b->opt->namespaces.count ? b->opt->namespaces.items[0] : b->info[i].scope[0] ? b->info[i].scope : "default";
        *r = (struct row){.kind = k, .source = (uint16_t)i, .uid = "", .labels = "", .owner = "",
                          .scope = !k || (k->flags & KIND_NAMESPACED) ? ns : ""};
        n++;
    }
    return n == 1;
}

/* The names behind the kind ("NAME" each, or "KIND/NAME" each), borrowed; n of them. NULL: out of memory, said. */
static char **names_of(struct batch *b, size_t first, const char *slash_name, size_t *n)
{
    const struct strlist *a = &b->opt->args;
    char **names = mem_zalloc((a->count + 1) * sizeof(*names));
    if (!names) {
        batch_error(b, EXIT_FAILED, "out of memory");
        return NULL;
    }
    *n = 0;
    if (slash_name)
        names[(*n)++] = (char *)slash_name;
    for (size_t i = first; i < a->count; i++) {
        char *slash = slash_name ? strchr(a->items[i], '/') : NULL;
        names[(*n)++] = slash ? slash + 1 : a->items[i];
    }
    return names;
}

/* Was it said? Not when there is no object of that name: then it may be a uid, or of another kind of name. */
static bool describe_row(struct batch *b, const struct row *r, size_t *shown)
{
    struct event *e = batch_wait(b, core_fetch(b->core, r, FETCH_DESCRIBE, 0));
    bool missing = e && e->err.code == ERR_NOTFOUND && !*r->uid;
    if (e && e->err.code && !missing) {
        batch_report(b, &e->err, r->name);
    } else if (e && !missing) {
        if ((*shown)++)
            puts("\n");
        print_text(e->text, e->len);
    }
    event_free(e);
    return !missing;
}

void batch_describe(struct batch *b)
{
    char kind[128];
    const char *name;
    size_t first, n = 0, shown = 0;
    struct row place = {.uid = ""};
    if (!split_kind(b, kind, sizeof(kind), NULL, &first, &name))
        return;
    const struct kind *k = kind_find(kind);
    bool direct = k && batch_one_place(b, k, &place);
    char **names = names_of(b, first, name, &n);
    for (size_t i = 0; names && i < n; i++) {
        place.name = names[i];
        if (direct && describe_row(b, &place, &shown))
            continue;
        if (!b->nfeeds && !batch_open_named(b, kind, names + i, n - i))
            break;
        const struct row *r = batch_find(b, names[i]);
        if (r)
            describe_row(b, r, &shown);
    }
    mem_free(names);
}

/* ---- logs ---- */

/* Into a file or a pipe goes what the server sent, byte by byte; on a terminal stands what can do it no harm. */
static void print_lines(const struct event *e, const struct log_request *lr, char **origins, size_t norigins, bool *open)
{
    if (e->lost)
        fprintf(stderr, "strata: %llu lines were lost here: the output was read too slowly\n", (unsigned long long)e->lost);
    for (size_t i = 0; i < e->nlines; i++) {
        const struct log_line *line = &e->lines[i];
        FILE *to = line->note && lr->as_sent ? stderr : stdout;
        char when[40];
        if (lr->timestamps && !lr->as_sent && line->time_ms != CELL_NONE) {
            text_format_time(when, sizeof(when), line->time_ms);
            printf("%.*s.%03dZ ", (int)strcspn(when, "Z"), when, (int)(line->time_ms % 1000));
        }
        if (norigins > 1 && line->origin < norigins && !*open)
            fprintf(to, "[%s] ", origins[line->origin]);
        fwrite(line->text, 1, line->len, to);
        if (!line->more)
            fputc('\n', to);
        if (to == stdout)
            *open = line->more;
    }
}

static void free_list(char **list)
{
    for (char **p = list; p && *p; p++)
        mem_free(*p);
    mem_free(list);
}

static size_t take_origins(struct event *e, char ***origins, size_t n)
{
    if (!e->origins)
        return n;
    free_list(*origins);
    *origins = e->origins;
    e->origins = NULL;
    for (n = 0; (*origins)[n]; n++) {
    }
    return n;
}

/* The log of a server is its console: the last --tail lines of it. */
static void print_console(struct batch *b, const struct row *r)
{
    bool as_sent = !isatty(STDOUT_FILENO);
    struct event *e = batch_wait(b, core_fetch(b->core, r, FETCH_CONSOLE, as_sent ? FETCH_AS_SENT : 0));
    if (!e)
        return;
    if (e->err.code) {
        batch_report(b, &e->err, r->name);
    } else {
        size_t at = e->len;
        int64_t left = b->opt->tail;
        while (left >= 0 && at > 0 && !(e->text[at - 1] == '\n' && at < e->len && --left <= 0))
            at--;
        at = left < 0 ? 0 : at;
        if (!as_sent)
            print_text(e->text + at, e->len - at);
        else if (e->len)
            fwrite(e->text + at, 1, e->len - at, stdout);
    }
    event_free(e);
}

/* name: of what, for an error. */
static void print_logs(struct batch *b, const struct log_request *lr, const char *name)
{
    const struct options *o = b->opt;
    size_t norigins = 0;
    char **origins = NULL;
    uint32_t id = core_logs(b->core, lr);
    struct event *e;
    bool end = !id, open = false;
    b->for_reader = o->follow;
    while (!end && (e = batch_event(b))) {
        if (e->id == id && e->type == EV_LOG) {
            norigins = take_origins(e, &origins, norigins);
            print_lines(e, lr, origins, norigins, &open);
            end = !write_ok();
        } else if (e->id == id && e->type == EV_NOTICE) {
            fprintf(stderr, "%s\n", e->text ? e->text : "");
        } else if (e->id == id && e->type == EV_LOG_END) {
            if (e->lost)
                print_lines(e, lr, origins, norigins, &open);
            if (e->err.code)
                batch_report(b, &e->err, name);
            end = true;
        }
        event_free(e);
    }
    free_list(origins);
}

/* All pods with some labels in one cluster, in one namespace or in all. */
static void logs_of_selector(struct batch *b, struct log_request *lr)
{
    const struct options *o = b->opt;
    struct row place = {.uid = ""};
    size_t n = 0;
    for (size_t i = 0; i < b->ninfo; i++) {
        if (b->info[i].plane != PLANE_KUBE)
            continue;
        const char *own = b->info[i].scope[0] ? b->info[i].scope : "default";
        place = (struct row){.kind = kind_find("pods"), .source = (uint16_t)i, .uid = "", .name = o->selector, .labels = "", .owner = "",
                             .scope = o->all_namespaces ? "" : o->namespaces.count ? o->namespaces.items[0] : own};
        n++;
    }
    if (n != 1 || o->namespaces.count > 1) {
        batch_error(b, EXIT_USAGE, "logs of a selector are those of one cluster, and of one namespace or all: choose with --context, -n or -A");
        return;
    }
    lr->row = &place;
    lr->selector = o->selector;
    print_logs(b, lr, o->selector);
}

void batch_logs(struct batch *b)
{
    const struct options *o = b->opt;
    char kind[128];
    const char *name;
    size_t first;
    struct log_request lr = {
        .container = o->all_containers ? "*" : o->container, .follow = o->follow, .previous = o->previous,
        .timestamps = o->timestamps, .tail = o->tail, .since_s = o->since_s, .as_sent = !isatty(STDOUT_FILENO),
    };
    if (o->selector) {
        logs_of_selector(b, &lr);
        return;
    }
    if (!split_kind(b, kind, sizeof(kind), "pods", &first, &name))
        return;
    char *one = name ? (char *)name : o->args.items[first];
    if (!batch_open_named(b, kind, &one, 1))
        return;
    lr.row = batch_find(b, one);
    if (lr.row && (lr.row->kind->flags & KIND_CONSOLE))
        print_console(b, lr.row);
    else if (lr.row)
        print_logs(b, &lr, lr.row->name);
}

void batch_console_url(struct batch *b)
{
    char *name = b->opt->args.items[b->opt->args.count - 1];
    if (b->opt->args.count > 1 && (!kind_find(b->opt->args.items[0]) || !(kind_find(b->opt->args.items[0])->flags & KIND_CONSOLE))) {
        batch_error(b, EXIT_USAGE, "only servers have a console");
        return;
    }
    const struct row *r = batch_open_named(b, "server", &name, 1) ? batch_find(b, name) : NULL;
    struct event *e = r ? batch_wait(b, core_fetch(b->core, r, FETCH_CONSOLE_URL, FETCH_AS_SENT)) : NULL;
    if (e && e->err.code)
        batch_report(b, &e->err, r->name);
    else if (e)
        print_text(e->text, e->len);
    event_free(e);
}
