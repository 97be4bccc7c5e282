/* Actions by name: `:restart`, `:scale 3`, `:do ACTION ...`, and the menu of what can be done with the selected object. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/ops.h"
#include "tui/command.h"
#include "tui/app_int.h"
#include "tui/dialog_op.h"
#include "tui/keymap.h"
#include "tui/op_cmd.h"
#include "tui/subject.h"
#include "tui/textbuf.h"

#define MENU_MAX 64

/* ---- the menu ---- */

/* An action, or a command about one object (logs, shell). key: what does it without the menu. */
struct menu_item { const struct action *action; const struct command *command; bool fits; int rank; char key[16]; };
struct menu { struct screen base; struct menu_item item[MENU_MAX]; int n, at, top; char head[200], typed[20]; int word, key, more; bool lost; };      /* width of words and keys; rows for the sentence of the chosen one */

static const char *item_word(const struct menu_item *i) { return i->action ? action_id(i->action) : i->command->name; }
static const char *item_help(const struct menu_item *i) { return i->action ? action_help(i->action) : i->command->help; }

/* What is wanted most comes first, of Kubernetes; the rest, and a cloud's, stand as in the table of actions. */
static const char *const first[] = {"restart", "logs", "shell", "cordon", "uncordon", "drain", "host-drain", "scale", "trigger", "suspend", "delete", "edit",
                                    "describe", "evict", "debug", "port-forward", "attach", "set-image", "undo"};
/* Of these some are commands, not actions. */
static const char *const commands[] = {"logs", "shell", "edit", "describe", "port-forward", "attach"};

static int rank_of(const char *word, enum plane plane)
{
    int n = (int)(sizeof first / sizeof *first);
    for (int i = 0; plane == PLANE_KUBE && i < n; i++)
        if (!strcmp(first[i], word)) return i;
    return n;
}

static void menu_add(struct menu *m, struct menu_item item, enum plane plane)
{
    int at = m->n;
    if (m->n == MENU_MAX) return;
    item.rank = rank_of(item_word(&item), plane);
    keymap_key_of(&m->base.app->keymap, "table", item_word(&item), item.key, sizeof item.key);
    for (; at && (m->item[at - 1].fits < item.fits || (m->item[at - 1].fits == item.fits && m->item[at - 1].rank > item.rank)); at--) m->item[at] = m->item[at - 1];
    m->item[at] = item;
    m->n++;
}

/* What fits the state of the row first. own: it is the one under the cursor, which commands are about. many: what takes one object is none. */
static void menu_fill(struct menu *m, const struct row *r, bool own, bool many)
{
    const struct action *x;
    for (size_t i = 0; (x = action_at(i)); i++)
        if (!(action_flags(x) & (ACTION_HIDDEN | (many ? ACTION_ONE : 0))) && action_find(action_id(x), r->kind) == x)
            menu_add(m, (struct menu_item){.action = x, .fits = action_fits(x, r)}, r->kind->plane);
    for (size_t i = 0; own && r->kind->plane == PLANE_KUBE && m->n && i < sizeof commands / sizeof *commands; i++) {
        const struct command *c = command_find(commands[i], strlen(commands[i]), "table");
        if (c && (!c->applies || c->applies(m->base.app, NULL))) menu_add(m, (struct menu_item){.command = c, .fits = true}, r->kind->plane);
    }
}

static void menu_row(const struct menu *m, struct canvas *c, int i, struct rect r)
{
    const struct menu_item *x = &m->item[i];
    int role = !x->fits ? ROLE_DIM : x->action && (action_flags(x->action) & ACTION_DANGER) ? ROLE_DIALOG_DANGER : ROLE_STRONG;
    int key = r.w >= 60 && m->key ? m->key + 1 : 0, text = r.w - m->word - 2 - key;
    canvas_puts(c, r.x, r.y, m->word + 1, STYLE(role) | OVER(ROLE_DIALOG_BODY), item_word(x));
    canvas_ellipsis(c, r.x + m->word + 2, r.y, text, STYLE(x->fits ? ROLE_TEXT : ROLE_DIM) | OVER(ROLE_DIALOG_BODY), item_help(x), strlen(item_help(x)));
    if (key) canvas_puts(c, r.x + r.w - key + 1, r.y, key - 1, STYLE(ROLE_INPUT_HINT) | OVER(ROLE_DIALOG_BODY), x->key);
    if (i == m->at) canvas_over(c, (struct rect){r.x - 1, r.y, r.w + 2, 1}, ROLE_CURSOR);
}

/* As wide as its words; what does not fit beside them is said in full of the chosen one, below. */
static void menu_measure(struct menu *m, int w)
{
    m->word = m->key = m->more = 0;
    for (int i = 0; i < m->n; i++) {
        int word = (int)strlen(item_word(&m->item[i])), key = (int)strlen(m->item[i].key);
        m->word = word > m->word ? word : m->word;
        m->key = key > m->key ? key : m->key;
    }
    for (int i = 0; i < m->n; i++) {
        const char *help = item_help(&m->item[i]);
        int n = (int)strlen(help), rows = n > w - m->word - 2 - (m->key ? m->key + 1 : 0) ? 1 + text_words_rows(help, strlen(help), w) : 0;
        m->more = rows > m->more ? rows : m->more;
    }
}

/* A menu that is higher than the screen says how much of it is above and below. */
static void menu_more(const struct menu *m, struct canvas *c, struct rect r)
{
    int below = m->n - m->top - (r.h - 2 - m->more);
    if (m->top > 0) canvas_printf(c, r.x + r.w - 18, r.y, 16, STYLE(ROLE_DIALOG_BORDER), " %d more above ", m->top);
    if (below > 0) canvas_printf(c, r.x + r.w - 18, r.y + r.h - 1, 16, STYLE(ROLE_DIALOG_BORDER), " %d more below ", below);
}

static void menu_draw(struct screen *s, struct canvas *c, struct rect area, bool focus)
{
    struct menu *m = (struct menu *)s;
    int w = area.w > 110 ? 104 : area.w - 2;
    (void)focus;
    menu_measure(m, w - 4);
    if (m->more + 6 > area.h) m->more = 0;
    int h = m->n + 2 + m->more < area.h ? m->n + 2 + m->more : area.h, rows = h - 2 - m->more;
    if (w < 12 || h < 3) return;
    struct rect r = {area.x + (area.w - w) / 2, area.y + (area.h - h) / 2, w, h};
    if (m->at < m->top) m->top = m->at;
    if (m->at >= m->top + rows) m->top = m->at - rows + 1;
    if (m->top > m->n - rows) m->top = m->n - rows;                          /* the window grew */
    canvas_fill(c, r, STYLE(ROLE_DIALOG));
    canvas_box(c, r, STYLE(ROLE_DIALOG_BORDER));
    canvas_ellipsis(c, r.x + 2, r.y, w - 4, STYLE(ROLE_DIALOG_TITLE), m->head, strlen(m->head));
    for (int y = 0; y < rows && m->top + y < m->n; y++) menu_row(m, c, m->top + y, (struct rect){r.x + 2, r.y + 1 + y, w - 4, 1});
    if (m->more) {
        canvas_hline(c, r.x + 1, r.y + 1 + rows, w - 2, STYLE(ROLE_DIALOG_BORDER));
        text_draw_words(c, (struct rect){r.x + 2, r.y + 2 + rows, w - 4, m->more - 1}, STYLE(ROLE_TEXT) | OVER(ROLE_DIALOG_BODY), item_help(&m->item[m->at]), m->more - 1);
    }
    canvas_printf(c, r.x + 2, r.y + h - 1, w - 4, STYLE(ROLE_DIALOG_BORDER), " %s%s  enter plans  ctrl-o options  esc ", *m->typed ? m->typed : "letters jump", m->lost ? "_ is none" : *m->typed ? "_" : "");
    menu_more(m, c, r);
}

/* The next action, from where the cursor is, that begins with these letters. */
static bool menu_jump(struct menu *m, const char *letters, int from)
{
    for (int i = 0; i < m->n; i++) {
        int at = (from + i) % m->n;
        if (strncmp(item_word(&m->item[at]), letters, strlen(letters)) != 0) continue;
        m->at = at;
        return true;
    }
    return false;
}

/* Letters find an action by how its word begins; the same letter again goes to the next one. lost: none begins so, and enter must not
 * plan what merely lies under the cursor. */
static bool menu_letter(struct menu *m, uint32_t k)
{
    size_t n = strlen(m->typed);
    if (!((k >= 'a' && k <= 'z') || (n && k == '-'))) return false;
    if (n + 1 >= sizeof m->typed) return m->lost;
    m->typed[n] = (char)k;
    m->typed[n + 1] = '\0';
    if (m->lost || menu_jump(m, m->typed, m->at)) return true;
    char one[2] = {(char)k, '\0'};
    if (menu_jump(m, one, m->at + 1)) {
        snprintf(m->typed, sizeof m->typed, "%s", one);
        return true;
    }
    m->lost = n || !strchr("gjkq", (char)k);                  /* those are keys of the list where nothing is typed */
    if (!m->lost) *m->typed = '\0';
    return m->lost;
}

static void menu_unletter(struct menu *m) { *m->typed = '\0', m->lost = false; }

static void menu_choose(struct menu *m, bool form)
{
    struct app *a = m->base.app;
    const struct menu_item i = m->item[m->at];
    const char *id = item_word(&i);
    app_pop(a, &m->base);
    if (i.command) command_run(a, id);
    else if (form) dialog_op_form(a, id);
    else dialog_op_open(a, id, "");
}

static bool menu_key(struct screen *s, uint32_t k)
{
    struct menu *m = (struct menu *)s;
    struct app *a = s->app;
    app_dirty(a);
    if (m->lost && (k == K_ENTER || k == (K_CTRL | 'o'))) {
        app_error(a, "no action here begins with %s: esc clears the letters", m->typed);
        menu_unletter(m);
    } else if (k == K_ENTER || k == (K_CTRL | 'o')) menu_choose(m, k != K_ENTER);
    else if (k == K_ESC && *m->typed) menu_unletter(m);
    else if (k == K_ESC || k == (K_CTRL | 'c')) app_pop(a, s);
    else if (menu_letter(m, k)) return true;
    else if (k == 'q') app_pop(a, s);
    else {
        menu_unletter(m);
        if (k == K_UP || k == 'k') m->at = m->at ? m->at - 1 : m->n - 1;
        else if (k == K_DOWN || k == 'j' || k == K_TAB) m->at = (m->at + 1) % m->n;
        else if (k == K_HOME || k == 'g') m->at = 0;
        else if (k == K_END || k == 'G') m->at = m->n - 1;
        else if (k == K_PGUP) m->at = m->at > 10 ? m->at - 10 : 0;
        else if (k == K_PGDN) m->at = m->at + 10 < m->n ? m->at + 10 : m->n - 1;
    }
    return true;
}

static void menu_close(struct screen *s) { mem_free(s); }

static const struct screen_ops menu_ops = {.scope = "dialog", .popup = true, .modal = true, .draw = menu_draw, .key = menu_key, .close = menu_close};

/* What it will be done to: the first of them, which tells the kind. */
static void take_first(void *arg, struct snap *s, const struct row *r)
{
    struct target *t = arg;
    if (!t->row) target_set(t, s, r);
}

/* The same name may be in several clusters and namespaces: which one it is. */
static void head_of(struct menu *m, const struct target *t)
{
    const struct row *r = t->row;
    const struct source_info *in = app_source(m->base.app, r->source);
    bool scoped = r->kind->plane == PLANE_KUBE && *r->scope;
    snprintf(m->head, sizeof m->head, " What to do with %s %.40s%s%.80s%s%.40s ", r->kind->singular, scoped ? r->scope : "", scoped ? "/" : "", r->name, in ? " on " : "", in ? in->name : "");
}

static void run_menu(struct app *a, struct screen *s, const char *args)
{
    struct target t = {0};
    (void)s, (void)args;
    size_t n = app_each_selected(a, take_first, &t), hidden = app_marks_hidden(a);
    if (!n) return app_error(a, hidden ? "what is marked is not shown: clear the filter, or ctrl-\\ unmarks" : "no object is selected");
    struct menu *m = mem_zalloc(sizeof *m);
    if (m) {
        m->base.ops = &menu_ops;
        m->base.app = a;
        menu_fill(m, t.row, app_cursor_only(a), n > 1);
    }
    if (m && m->n) {
        if (n > 1) snprintf(m->head, sizeof m->head, " What to do with %zu marked %.60s%s ", n, t.row->kind->id, strcmp(t.row->kind->id, t.row->kind->singular) ? "" : "s");
        else head_of(m, &t);
        app_push(a, &m->base);
    } else {
        app_error(a, m ? "nothing can be done with a %s here" : "out of memory%.0s", t.row->kind->singular);
        mem_free(m);
    }
    target_release(&t);
}

/* ---- by name ---- */

/* It was given an object that is no row of this kind: which one it may be, and the way there. */
static bool way_there(struct app *a, const char *name, const char *args, const struct row *here)
{
    char who[300];
    struct str where;
    size_t n = strcspn(args, " ");
    snprintf(who, sizeof who, "%.*s", (int)(n < sizeof who ? n : sizeof who - 1), args);
    if (!*who || *who == '-' || strchr(who, '=')) return false;
    str_init(&where, 1024);
    bool there = subject_where(a, name, who, &where);
    bool can = here && action_find(name, here->kind);
    if (there) app_error(a, "which %s? Say :%s KIND %s (@CLUSTER): %s", who, name, who, where.data);
    else if (where.len && here && !can) app_error(a, "strata cannot %s a %s: open %s, the cursor on what is meant, then :%s", name, here->kind->singular, where.data, name);
    bool said = where.len && (there || (here && !can));
    str_release(&where);
    return said;
}

static void count(void *arg, struct snap *s, const struct row *r)
{
    (void)s, (void)r;
    ++*(size_t *)arg;
}

/* Is it of something that the pane does not show? */
static bool not_here(struct app *a, const char *name, const char *args, const struct target *t)
{
    char line[512], *rest = line;
    const struct action *x = t->row ? action_find(name, t->row->kind) : NULL;
    size_t shown = 0;
    snprintf(line, sizeof line, "%s", args);
    const char *w = command_word(&rest);
    if (!w || !op_names(name, args)) return false;
    if (x) app_each_named(a, w, count, &shown);
    return !shown;
}

bool op_command(struct app *a, const char *name, const char *args)
{
    struct target t = {0};
    bool found = app_selected(a, &t) && action_find(name, t.row->kind);
    bool known = found;
    const struct action *x;
    for (size_t i = 0; !known && (x = action_at(i)); i++) known = !strcmp(action_id(x), name) && !(action_flags(x) & ACTION_HIDDEN);
    if (known && op_of_line(a, name, args)) known = true;
    else if (known && not_here(a, name, args, &t) && op_elsewhere(a, name, args)) known = true;
    else if (known && not_here(a, name, args, &t) && (t.row || !app_marks_hidden(a)) && way_there(a, name, args, t.row)) known = true;
    else if (found) dialog_op_open(a, name, args);
    else if (known && t.row) app_error(a, "strata cannot %s a %s", name, t.row->kind->singular);
    else if (known && app_marks_hidden(a)) dialog_op_open(a, name, args);       /* says that what is marked is not shown */
    else if (known) app_error(a, "%s: no object is selected", name);
    target_release(&t);
    return known;
}

static bool elsewhere_of(struct app *a, const char *action, const char *kind, const char *rest)
{
    char line[512];
    snprintf(line, sizeof line, "%s %s", kind, rest);
    return op_elsewhere(a, action, line);
}

/* ":snapshot foo" on a server is its action, though there is a kind of that name; ":server stop web-1" is one, too, and no list of
 * servers in the namespace "stop". */
bool op_two_words(struct app *a, const char *name, const char *args)
{
    const struct kind *k = kind_find(name);
    struct target t = {0};
    char word[80], who[300];
    if (!k || !*args || strchr("/-@", *args)) return false;
    size_t n = strcspn(args, " ");
    const char *rest = args + n + strspn(args + n, " ");
    snprintf(word, sizeof word, "%.*s", (int)(n < 79 ? n : 79), args);
    n = strcspn(rest, " ");
    snprintf(who, sizeof who, "%.*s", (int)(n < 299 ? n : 299), rest);
    bool selected = app_selected(a, &t), here = selected && t.row->kind == k, one = *who && !strchr(who, '=');
    const struct action *x = action_find(word, k);
    bool act = x && !(action_flags(x) & ACTION_HIDDEN), own = !act && selected && action_find(name, t.row->kind);
    if (own) op_command(a, name, args);
    else if (act && here && !one) op_command(a, word, rest);
    else if (act && here && app_cursor_only(a) && (!strcmp(who, t.row->name) || !strcmp(who, t.row->uid))) op_command(a, word, rest + n + strspn(rest + n, " "));
    else if (act && one && elsewhere_of(a, word, k->id, rest)) act = true;
    else if (act) app_error(a, "%s is done to what is selected or marked: open %s, the cursor on %s, then :%s", word, name, one ? who : "one", word);
    target_release(&t);
    return act || own;
}

const char *op_command_at(struct app *a, size_t *i)
{
    struct target t = {0};
    const struct action *x = NULL;
    if (app_selected(a, &t))
        while ((x = action_at((*i)++)) && ((action_flags(x) & ACTION_HIDDEN) || action_find(action_id(x), t.row->kind) != x)) continue;
    target_release(&t);
    return x ? action_id(x) : NULL;
}

static void run_do(struct app *a, struct screen *s, const char *args)
{
    char name[80];
    size_t n = strcspn(args, " ");
    snprintf(name, sizeof name, "%.*s", (int)(n < 79 ? n : 79), args);
    args += n + strspn(args + n, " ");
    if (!*name) run_menu(a, s, args);
    else if (!op_command(a, name, args)) app_error(a, "no action is called %s; m lists what can be done", name);
}

static bool can(struct app *a, const char *action)
{
    struct target t = {0};
    bool yes = app_selected(a, &t) && action_find(action, t.row->kind);
    target_release(&t);
    return yes;
}

static void run_restart(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    op_command(a, can(a, "restart") || !can(a, "reboot") ? "restart" : "reboot", args);      /* a server's word for it */
}

static bool can_restart(struct app *a, struct screen *s)
{
    (void)s;
    return can(a, "restart") || can(a, "reboot");
}

static bool has_menu(struct app *a, struct screen *s)
{
    struct target t = {0};
    bool any = false;
    const struct action *x;
    (void)s;
    if (app_selected(a, &t))
        for (size_t i = 0; !any && (x = action_at(i)); i++) any = action_find(action_id(x), t.row->kind) == x;
    target_release(&t);
    return any;
}

const struct command op_commands[] = {
    {"menu", NULL, "table", NULL, "What can be done with the object, or with all marked ones.", CMD_ROW | CMD_CHANGES, COMPLETE_NONE, run_menu, has_menu},
    {"do", NULL, "table", "ACTION [ARG=VALUE...]", "Plans an action on the object, or on all marked ones.", CMD_ROW | CMD_CHANGES, COMPLETE_NONE, run_do, has_menu},
    {"restart", NULL, "table", "[ARG=VALUE...]", "Restarts a workload, or what a pod belongs to; asks first.", CMD_ROW | CMD_CHANGES, COMPLETE_NONE, run_restart, can_restart},
    {0},
};

const struct key_row op_keys[] = {
    {"table", "m", "menu", "menu", NULL},
    {"table", "r", "restart", "restart", NULL},
    {0},
};
