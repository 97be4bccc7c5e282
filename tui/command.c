/* Command lines: look a name up in the tables, or open a kind in the focused pane; completion of both. */
#include "tui/command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "strata/clock.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/op_cmd.h"
#include "tui/subject.h"
#include "tui/table.h"
#include "tui/two_words.h"

static const struct command *const tables[] = {
#define XX(name) name##_commands,
    COMMAND_TABLES(XX)
#undef XX
};

const struct command *command_at(size_t i)
{
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct command *c = tables[t]; c->name; c++)
            if (i-- == 0) return c;
    return NULL;
}

static bool named(const struct command *c, const char *name, size_t len)
{
    if (strlen(c->name) == len && !strncasecmp(c->name, name, len)) return true;
    for (const char *p = c->alias; p && *p;) {
        size_t n = strcspn(p, " ");
        if (n == len && !strncasecmp(p, name, len)) return true;
        p += n + (p[n] == ' ');
    }
    return false;
}

const struct command *command_find(const char *name, size_t len, const char *scope)
{
    const struct command *c, *any = NULL;
    for (size_t i = 0; (c = command_at(i)); i++) {
        if (!named(c, name, len)) continue;
        if (c->scope && scope && !strcmp(c->scope, scope)) return c;
        if (!c->scope) any = c;
    }
    return any;
}

/* ---- kinds: "pods kube-system", "pods -n a,b", "deploy /web", "server @lab", "po app=web" ---- */

struct open_args { char ns[256], filter[300], source[64]; bool has_ns, has_source; };

static void add_filter(struct open_args *o, const char *pre, const char *text)
{
    size_t len = strlen(o->filter);
    snprintf(o->filter + len, sizeof o->filter - len, "%s%s%s", len ? " " : "", pre, text);
}

static void parse_open(const char *args, struct open_args *o)
{
    char line[512], *save = NULL;
    *o = (struct open_args){0};
    snprintf(line, sizeof line, "%s", args);
    char *slash = line[0] == '/' ? line : strstr(line, " /");
    if (slash) {
        *slash = '\0';
        add_filter(o, "", slash + (slash == line ? 1 : 2));
    }
    for (char *w = strtok_r(line, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        if (!strcmp(w, "-A")) snprintf(o->ns, sizeof o->ns, "*"), o->has_ns = true;
        else if (!strcmp(w, "-n") || !strcmp(w, "-l") || !strcmp(w, "-f")) {
            char *v = strtok_r(NULL, " ", &save);
            if (!v) break;
            if (w[1] == 'n') snprintf(o->ns, sizeof o->ns, "%s", v), o->has_ns = true;
            else add_filter(o, w[1] == 'l' ? "-l " : "-f ", v);
        } else if (*w == '@') snprintf(o->source, sizeof o->source, "%s", w + 1), o->has_source = true;
        else if (strchr(w, '=')) add_filter(o, "-l ", w);
        else snprintf(o->ns, sizeof o->ns, "%s", strcmp(w, "all") ? w : "*"), o->has_ns = true;
    }
}

static bool known_kind(const struct app *a, const char *name)
{
    if (kind_find(name)) return true;
    for (char **p = a->kind_names; p && *p; p++)
        if (!strcasecmp(*p, name)) return true;
    return false;
}

void open_kind(struct app *a, struct pane *p, const char *name, const char *args)
{
    struct table *t = p ? table_of(p->table) : NULL;
    struct open_args o;
    parse_open(args, &o);
    if (o.has_source && *o.source) {
        bool found = !strcasecmp(o.source, "all");
        for (size_t i = 0; i < a->nsrc; i++) found |= !strcasecmp(a->src[i].name, o.source);
        if (!found) {
            app_error(a, "no cluster or cloud is called \"%s\"", o.source);
            return;
        }
        if (!strcasecmp(o.source, "all")) o.source[0] = '\0';
    }
    if (!t) {
        if (!deck_add(a, &a->deck, name)) return;
        t = table_of(deck_focus(&a->deck)->table);
    } else {
        while (p->top != p->table) app_pop(a, p->top);        /* views over the old table go */
    }
    const struct kind *now = kind_find(t->kind_name), *next = kind_find(name);
    bool other_plane = (now ? now->plane : PLANE_KUBE) != (next ? next->plane : PLANE_KUBE);
    t->nback = 0;
    *t->drill = '\0';
    table_set(t, name, o.has_ns ? o.ns : NULL, o.has_source ? o.source : other_plane ? "" : NULL);
    if (*o.filter) {
        struct err err = ERR_INIT;
        if (table_filter(t, o.filter, &err)) app_error(a, "%s", err.msg);
    }
}

size_t command_word_len(const char *s)
{
    char quote = 0;
    size_t n = 0;
    for (; s[n] && (quote || s[n] != ' '); n++)
        if (quote ? s[n] == quote : s[n] == '"' || s[n] == '\'') quote = quote ? 0 : s[n];
    return n;
}

char *command_word(char **rest)
{
    char *w = *rest + strspn(*rest, " "), *to = w, quote = 0;
    if (!*w) return NULL;
    size_t n = command_word_len(w);
    *rest = w + n + (w[n] != '\0');
    for (size_t i = 0; i < n; i++) {
        if (quote ? w[i] == quote : w[i] == '"' || w[i] == '\'') quote = quote ? 0 : w[i];
        else *to++ = w[i];
    }
    *to = '\0';
    return w;
}

/* It is of the row under the cursor and takes no words: what was meant for another must not be answered of this one. */
static bool of_another(struct app *a, const struct command *c, const char *args)
{
    struct target t = {0};
    if (!(c->flags & CMD_ROW) || c->args || !*args) return false;
    const char *word = strrchr(args, ' ') ? strrchr(args, ' ') + 1 : args;
    const char *name = strchr(word, '/') ? strchr(word, '/') + 1 : word;
    bool same = (!strcmp(c->scope, table_ops.scope) ? app_selected : app_looked_at)(a, &t) && (!strcmp(name, t.row->name) || !strcmp(word, t.row->uid) || !strcmp(word, t.row->name));
    target_release(&t);
    if (!same) app_error(a, "%s is of what is selected: put the cursor on %.80s, then :%s", c->name, word, c->name);
    return !same;
}

void command_run(struct app *a, const char *line)
{
    char buf[512], folded[600], name[80];
    while (*line == ' ' || *line == ':') line++;
    snprintf(buf, sizeof buf, "%s", line);
    size_t len = strlen(buf);
    while (len && buf[len - 1] == ' ') buf[--len] = '\0';
    if (!len) return;
    hints_ran(&a->tips, buf[0] == '/' ? "filter" : buf, clock_mono_ms());
    size_t n = strcspn(buf, " ");
    const char *args = buf + n;
    while (*args == ' ') args++;
    struct screen *top = app_top(a), *s = top;
    if (buf[0] == '/') n = 1;
    const struct command *c = buf[0] == '/' ? command_find("filter", 6, top ? top->ops->scope : NULL)
                                            : command_find(buf, n, top ? top->ops->scope : NULL);
    struct pane *p = deck_focus(&a->deck);
    if (!c && p && p->table) {                                /* the table under a view also listens */
        c = buf[0] == '/' ? NULL : command_find(buf, n, p->table->ops->scope);
        s = c ? p->table : s;
    }
    if (c) {
        if (c->scope && !strcmp(c->scope, "table") && (!s || s->ops != &table_ops)) {
            app_error(a, "%s needs a pane", c->name);
            return;
        }
        if (of_another(a, c, args)) return;
        if (c->flags & CMD_ROW && table_of(s)) table_hold(table_of(s));
        c->run(a, s, buf[0] == '/' ? buf + 1 : args);
        app_dirty(a);
        return;
    }
    const char *words = two_words_fold(buf, folded, sizeof folded) ? folded : buf;
    n = strcspn(words, " ");
    if (words == folded && command_find(folded, n, table_ops.scope)) {
        command_run(a, folded);
        return;
    }
    args = words + n + strspn(words + n, " ");
    snprintf(name, sizeof name, "%.*s", (int)(n < 79 ? n : 79), words);
    if (op_two_words(a, name, args)) return;
    if (known_kind(a, name)) open_kind(a, deck_focus(&a->deck), name, args);
    else if (!op_command(a, name, args)) find_kind(a, name, args);
}

/* ---- completion ---- */

struct completer { struct str *out; const char *word; size_t len; int n; };

static void offer(struct completer *c, const char *s)
{
    if (!s || c->n >= 40 || strncasecmp(s, c->word, c->len)) return;
    size_t n = strlen(s);
    for (const char *p = c->out->data; p && *p; p += strcspn(p, "\n") + 1)          /* once */
        if (strcspn(p, "\n") == n && !strncmp(p, s, n)) return;
    str_addf(c->out, "%s\n", s);
    c->n++;
}

static void offer_word(void *arg, const char *word) { offer(arg, word); }

static void offer_kinds(struct app *a, struct completer *c)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; kinds_all[i]; i++) {
            const struct kind *k = kinds_all[i];
            if (pass == 0) offer(c, k->id);
            else for (const char *const *al = k->aliases; al && *al; al++) offer(c, *al);
        }
    for (char **p = a->kind_names; p && *p; p++) offer(c, *p);
}

static void offer_namespaces(struct app *a, struct completer *c)
{
    size_t source = 0, slot = 0;
    const char *name;
    offer(c, "all");
    namespaces_want(a);
    while (c->n < 40 && (name = namespaces_next(a, &source, &slot))) offer(c, name);
    for (int i = 0; i < a->deck.n; i++) {
        const struct table *t = table_of(a->deck.pane[i]->table);
        const struct kind *k = t ? view_kind(t->view) : NULL;
        if (!k || k->plane != PLANE_KUBE) continue;
        bool is_ns = !strcmp(k->id, "namespaces");
        size_t n = view_count(t->view), step = n > 5000 ? n / 5000 : 1;
        for (size_t r = 0; r < n && c->n < 40; r += step) {
            const struct row *row = view_row(t->view, r);
            offer(c, is_ns ? row->name : *row->scope ? row->scope : NULL);
        }
    }
}

static void offer_args(struct app *a, struct completer *c, const struct command *cmd, const char *before)
{
    struct table *t = app_table(a);
    switch (cmd->complete) {
    case COMPLETE_KIND: offer_kinds(a, c); break;
    case COMPLETE_NS: offer_namespaces(a, c); break;
    case COMPLETE_SOURCE:
        for (size_t i = 0; i < a->nsrc; i++) offer(c, a->src[i].name);
        offer(c, "all");
        break;
    case COMPLETE_THEME: {
        struct str names;
        str_init(&names, 8192);
        theme_names(&names);
        for (char *s = names.data, *e; *s && (e = strchr(s, '\n')); s = e + 1) {
            *e = '\0';
            offer(c, s);
        }
        str_release(&names);
        break;
    }
    case COMPLETE_COLUMN:
        for (size_t i = 0; t && view_kind(t->view) && i < view_kind(t->view)->ncolumns; i++) offer(c, view_kind(t->view)->columns[i].id);
        break;
    case COMPLETE_OBJECT:
        if (subject_next(a, before, offer_word, c)) offer_namespaces(a, c);
        break;
    default: break;
    }
}

static void complete_line(struct app *a, void *arg, const char *text, size_t cursor, struct str *out)
{
    (void)arg;
    size_t word = cursor;
    while (word > 0 && text[word - 1] != ' ' && text[word - 1] != ',' && text[word - 1] != '@') word--;
    struct completer c = {out, text + word, cursor - word, 0};
    struct screen *top = app_top(a);
    const char *scope = top ? top->ops->scope : "table";
    size_t first = strcspn(text, " ");
    if (word == 0) {
        if (c.len == 0) return;
        offer_kinds(a, &c);
        const struct command *cmd;
        for (size_t i = 0; (cmd = command_at(i)); i++)
            if (!(cmd->flags & CMD_HIDDEN) && (!cmd->scope || !strcmp(cmd->scope, scope) || !strcmp(cmd->scope, "table"))) offer(&c, cmd->name);
        const char *action;
        for (size_t i = 0; (action = op_command_at(a, &i));) offer(&c, action);
        return;
    }
    if (text[word - 1] == '@') {
        for (size_t i = 0; i < a->nsrc; i++) offer(&c, a->src[i].name);
        return;
    }
    const struct command *cmd = command_find(text, first, scope);
    if (!cmd) cmd = command_find(text, first, "table");
    if (cmd) {
        char before[512];
        snprintf(before, sizeof before, "%.*s", (int)(word < sizeof before ? word : sizeof before - 1), text);
        offer_args(a, &c, cmd, before);
        return;
    }
    two_words_next(text, offer_word, &c);
    char name[80];
    snprintf(name, sizeof name, "%.*s", (int)(first < 79 ? first : 79), text);
    const struct kind *k = kind_find(name);
    if (k ? k->plane == PLANE_KUBE : known_kind(a, name) || !c.n) offer_namespaces(a, &c);
}

static void line_done(struct app *a, void *arg, const char *text, bool ok)
{
    (void)arg;
    if (ok) command_run(a, text);
}

static const struct prompt_ops line_prompt = {.label = ":", .history = "command", .done = line_done, .complete = complete_line};

void command_prompt(struct app *a, const char *initial)
{
    if (!a->kind_names && !a->kind_names_id)
        for (size_t i = 0; i < a->nsrc && !a->kind_names_id; i++)
            if (a->src[i].plane == PLANE_KUBE && a->src[i].state == SOURCE_OK) a->kind_names_id = core_complete_kinds(a->core, a->src[i].id);
    app_prompt(a, &line_prompt, NULL, initial);
}
