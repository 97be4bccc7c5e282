/* Boards: moving, going where a line leads, searching, copying, saving. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/board_int.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/view_text.h"

static void run_move(struct app *a, struct screen *s, const char *args)
{
    struct board *b = (struct board *)s;
    static const struct { const char *word; int lines, pages; } ways[] = {
        {"up", -1, 0}, {"down", 1, 0}, {"page-up", 0, -1}, {"page-down", 0, 1}, {"top", -1000000, 0}, {"bottom", 1000000, 0}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (!strcmp(args, ways[i].word) && b->nlines) board_step(b, ways[i].lines + (long)ways[i].pages * b->page);
    if (!strcmp(args, "left")) b->left = b->left > 8 ? b->left - 8 : 0;
    if (!strcmp(args, "right")) b->left += 8;
    app_dirty(a);
}

static void run_go(struct app *a, struct screen *s, const char *args)
{
    struct board *b = (struct board *)s;
    const struct line *l = b->at < b->nlines ? &b->line[b->at] : NULL;
    (void)args;
    if (l && l->leads != NO_LINE && l->leads < b->nlines) {
        b->at = l->leads;
        app_dirty(a);
    } else if (l && l->runs) {
        char line[300];
        snprintf(line, sizeof line, "%.299s", b->text.data + l->runs);
        app_pop(a, s);
        app_run_line(a, line);
    } else if (l && l->row) {
        struct graph *g = graph_ref(b->graph);              /* the board goes, its row is still needed */
        app_goto(a, l->row);
        graph_unref(g);
    }
}

static void run_up(struct app *a, struct screen *s, const char *args)
{
    struct board *b = (struct board *)s;
    (void)args;
    for (size_t i = b->at + 1; b->nlines && i-- > 0;) {
        if (b->line[i].under == NO_LINE) continue;
        b->at = b->line[i].under;
        app_dirty(a);
        return;
    }
    app_info(a, "nothing stands upon it");
}

/* ---- searching ---- */

static bool holds(const struct board *b, size_t line)
{
    struct str s;
    str_init(&s, 1 << 16);
    board_line_text(b, line, false, &s);
    bool yes = s.len && text_casestr(s.data, s.len, b->needle, strlen(b->needle));
    str_release(&s);
    return yes;
}

/* The cursor goes to the next line that holds it, round the end; what the cursor skips is brought into view. */
static void find(struct board *b, size_t from, bool back)
{
    for (size_t k = 1; *b->needle && k <= b->nlines; k++) {
        size_t i = back ? (from + b->nlines - k % b->nlines) % b->nlines : (from + k) % b->nlines;
        if (!holds(b, i)) continue;
        b->at = i;
        app_dirty(b->base.app);
        return;
    }
    if (*b->needle) app_error(b->base.app, "'%s' is not on this board", b->needle);
}

/* The board that asked may be gone, or covered, when the prompt ends. */
static struct board *board_on_top(struct app *a)
{
    struct screen *s = app_top(a);
    return s && !strcmp(s->ops->scope, "board") ? (struct board *)s : NULL;
}

static void search_done(struct app *a, void *arg, const char *text, bool ok)
{
    struct board *b = board_on_top(a);
    (void)arg;
    if (!b) return;
    snprintf(b->needle, sizeof b->needle, "%s", ok ? text : "");
    if (ok && b->nlines) find(b, b->at ? b->at - 1 : b->nlines - 1, false);
    app_dirty(a);
}

static void search_changed(struct app *a, void *arg, const char *text)
{
    struct board *b = board_on_top(a);
    (void)arg;
    if (b) snprintf(b->needle, sizeof b->needle, "%s", text);
    app_dirty(a);
}

static void run_search(struct app *a, struct screen *s, const char *args)
{
    static const struct prompt_ops ops = {.label = "/", .history = "search", .changed = search_changed, .done = search_done};
    struct board *b = (struct board *)s;
    if (!*args) app_prompt(a, &ops, NULL, "");
    else if (!strcmp(args, "next") || !strcmp(args, "previous")) find(b, b->at, args[0] == 'p');
    else search_done(a, NULL, args, true);
}

/* ---- out of the cockpit ---- */

static char *whole(const struct board *b, size_t *len)
{
    struct str s;
    str_init(&s, 1 << 26);
    for (size_t i = 0; i < b->nlines; i++) {
        board_line_text(b, i, false, &s);
        str_addc(&s, '\n');
    }
    *len = s.len;
    char *text = str_take(&s);
    str_release(&s);
    return text;
}

static void run_copy(struct app *a, struct screen *s, const char *args)
{
    size_t len;
    char *text = whole((struct board *)s, &len);
    (void)args;
    if (!text) return app_error(a, "out of memory");
    app_copy(a, text, len);
    app_info(a, "copied %zu lines", ((struct board *)s)->nlines);
    mem_free(text);
}

static void run_save(struct app *a, struct screen *s, const char *args)
{
    const struct board *b = (const struct board *)s;
    char name[200];
    size_t len;
    (void)args;
    snprintf(name, sizeof name, "%s%s%s.txt", b->kind->title, *b->name ? "-" : "", b->name);
    for (char *p = name; *p; p++) *p = *p == '/' ? '_' : *p;
    char *text = whole(b, &len);
    save_text(a, name, text, len, NULL, NULL);
}

static void run_close(struct app *a, struct screen *s, const char *args)
{
    struct board *b = (struct board *)s;
    if (!strcmp(args, "search") && *b->needle) {             /* esc: first the search, then the board */
        *b->needle = '\0';
        app_dirty(a);
        return;
    }
    app_pop(a, s);
}

const struct command board_commands[] = {
    {"move", NULL, "board", "up|down|top|bottom|page-up|page-down|left|right", "Moves on the board.", CMD_HIDDEN, COMPLETE_NONE, run_move, NULL},
    {"go", NULL, "board", NULL, "Goes to the object, in the pane that shows it; in the sandwich down a layer.", 0, COMPLETE_NONE, run_go, NULL},
    {"up", NULL, "board", NULL, "In the sandwich: to the layer that stands upon this one.", 0, COMPLETE_NONE, run_up, NULL},
    {"search", NULL, "board", "[TEXT | next | previous]", "Finds text; the other lines stay.", 0, COMPLETE_NONE, run_search, NULL},
    {"copy", NULL, "board", NULL, "Copies the board to the clipboard.", 0, COMPLETE_NONE, run_copy, NULL},
    {"save", NULL, "board", NULL, "Saves the board to a file.", 0, COMPLETE_NONE, run_save, NULL},
    {"close", NULL, "board", "[search]", "Closes this board.", 0, COMPLETE_NONE, run_close, NULL},
    {0},
};

const struct key_row board_keys[] = {
    {"board", "enter", "go", "go there", NULL},
    {"board", "u", "up", "up", NULL},
    {"board", "backspace", "up", NULL, NULL},
    {"board", "i", "links", "links", NULL},
    {"board", "x", "why", "why", NULL},
    {"board", "shift-i", "column", "column", NULL},
    {"board", "/", "search", "search", NULL},
    {"board", "n", "search next", NULL, "Next match."},
    {"board", "shift-n", "search previous", NULL, "Previous match."},
    {"board", "c", "copy", NULL, NULL},
    {"board", "ctrl-s", "save", NULL, NULL},
    {"board", "esc", "close search", "back", "Clear the search, then close."},
    {"board", "q", "close", NULL, NULL},
    {"board", "up", "move up", NULL, "One line up."},
    {"board", "k", "move up", NULL, "One line up."},
    {"board", "down", "move down", NULL, "One line down."},
    {"board", "j", "move down", NULL, "One line down."},
    {"board", "pgup", "move page-up", NULL, "One page up."},
    {"board", "ctrl-b", "move page-up", NULL, "One page up."},
    {"board", "pgdn", "move page-down", NULL, "One page down."},
    {"board", "ctrl-f", "move page-down", NULL, "One page down."},
    {"board", "space", "move page-down", NULL, "One page down."},
    {"board", "home", "move top", NULL, "To the start."},
    {"board", "g", "move top", NULL, "To the start."},
    {"board", "end", "move bottom", NULL, "To the end."},
    {"board", "G", "move bottom", NULL, "To the end."},
    {"board", "left", "move left", NULL, "Further left."},
    {"board", "right", "move right", NULL, "Further right."},
    {0},
};
