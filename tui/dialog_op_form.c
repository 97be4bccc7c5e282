/* The arguments of an action: a field each, from the row's own table. Nothing that matters is filled in beforehand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "strata/text.h"
#include "tui/command.h"
#include "tui/dialog_op.h"

/* Of the engine, not of a row: of every action that goes back. */
const struct action_arg op_form_back = {.name = "undo-on-failure", .type = ARG_BOOL,
                                        .help = "Takes back what was done when it fails, too few probes are answered or it is canceled, without another question."};

static struct op_field *field_of(struct op_dialog *d, const char *name, size_t len)
{
    for (size_t i = 0; i < d->nfields; i++)
        if (strlen(d->field[i].arg->name) == len && !strncasecmp(d->field[i].arg->name, name, len)) return &d->field[i];
    return NULL;
}

/* The field that a bare word means: a required one that is not given yet. No other: it would be an option that nobody named. */
static struct op_field *next_field(struct op_dialog *d)
{
    for (size_t i = 0; i < d->nfields; i++)
        if (!d->field[i].given && d->field[i].arg->required) return &d->field[i];
    return NULL;
}

static void give(struct op_field *f, const char *value)
{
    lineedit_set(&f->edit, value);
    f->given = true;
}

/* A second "key=value" or "key-" is added to the first. */
static bool one_more(struct op_dialog *d, const char *word)
{
    size_t len = strlen(word);
    bool like = strchr(word, '=') || (len > 1 && word[len - 1] == '-') || strchr(word, ':');
    for (size_t i = 0; like && i < d->nfields; i++) {
        struct op_field *f = &d->field[i];
        if (!f->arg->required || f->arg->type != ARG_TEXT || !f->given) continue;
        return lineedit_insert(&f->edit, ",", 1) && lineedit_insert(&f->edit, word, len);
    }
    return false;
}

static bool known_choice(const char *choices, const char *word)
{
    size_t len = strlen(word);
    for (const char *p = choices; p && *p; p += strcspn(p, " "), p += strspn(p, " "))
        if (strcspn(p, " ") == len && !strncmp(p, word, len)) return true;
    return false;
}

static bool valid(const struct action_arg *arg, const char *v, struct err *err)
{
    const char *digit = v + (*v == '-');
    int64_t seconds;
    switch (arg->type) {
    case ARG_INT:
        if (*digit && strspn(digit, "0123456789") == strlen(digit) && strlen(digit) < 10) {
            int64_t n = strtoll(v, NULL, 10);
            if ((!arg->least && !arg->most) || (n >= arg->least && n <= arg->most)) return true;
            err_set(err, ERR_USAGE, 0, "%s is a number from %lld to %lld, not %.80s", arg->name, (long long)arg->least, (long long)arg->most, v);
            return false;
        }
        err_set(err, ERR_USAGE, 0, "%s is a number, not \"%.80s\"", arg->name, v);
        return false;
    case ARG_SECONDS:
        if (text_parse_duration(v, &seconds)) return true;
        err_set(err, ERR_USAGE, 0, "%s is a time such as 90, 90s or 5m, not \"%.80s\"", arg->name, v);
        return false;
    case ARG_BOOL:
        if (known_choice("true false yes no", v)) return true;
        err_set(err, ERR_USAGE, 0, "%s is yes or no, not \"%.80s\"", arg->name, v);
        return false;
    case ARG_CHOICE:
        if (known_choice(arg->choices, v)) return true;
        err_set(err, ERR_USAGE, 0, "%s is one of %s, not \"%.80s\"", arg->name, arg->choices, v);
        return false;
    default: return true;
    }
}

/* May it be a row's name? Not an option, nor the number that the action needs, nor the name of a switch. */
bool op_form_may_name(const struct action *x, const char *w)
{
    size_t n;
    const struct action_arg *arg = action_args(x, &n);
    bool number = strspn(w, "0123456789") == strlen(w);
    for (size_t i = 0; i < n; i++)
        if (!strcasecmp(arg[i].name, w) || (number && arg[i].required && arg[i].type == ARG_INT)) return false;
    return *w != '-' && !strchr(w, '=');
}

bool op_form_names(struct op_dialog *d, const char *args, void (*add)(void *d, struct snap *s, const struct row *r), struct str *rest, struct err *err)
{
    for (const char *p = args + strspn(args, " "), *next; *p; p = next) {
        char raw[512], copy[512], *at = copy;
        size_t len = command_word_len(p), n = 0;
        next = p + len + strspn(p + len, " ");
        snprintf(raw, sizeof raw, "%.*s", (int)(len < sizeof raw ? len : sizeof raw - 1), p);
        snprintf(copy, sizeof copy, "%s", raw);
        const char *w = command_word(&at);
        if (op_form_may_name(d->action, w)) n = app_each_named(d->screen.app, w, add, d);
        if (n > 1) return !err_set(err, ERR_USAGE, 0, "%zu rows are called %.80s: put the cursor on the one that is meant, and name none", n, w);
        d->named = d->named || n;
        if (!n && !str_addf(rest, "%s%s", rest->len ? " " : "", raw)) return !err_set(err, ERR_NOMEM, 0, "out of memory, or too many words");
    }
    return (str_adds(rest, "") && rest->data) || !err_set(err, ERR_NOMEM, 0, "out of memory");
}

static bool not_taken(const struct op_dialog *d, const char *w, struct err *err)
{
    const char *word = action_id(d->action), *what = d->target[0].row->kind->singular, *eq = strchr(w, '=');
    if (eq) err_set(err, ERR_USAGE, 0, "%s has no option %.*s", word, (int)(eq - w < 80 ? eq - w : 80), w);
    else if (!d->nfields) err_set(err, ERR_USAGE, 0, "no %s shown here is called %.80s, and %s has no options", what, w, word);
    else err_set(err, ERR_USAGE, 0, "no %s shown here is called %.80s; options of %s are named: %s=...", what, w, word, d->field[0].arg->name);
    return false;
}

bool op_form_parse(struct op_dialog *d, const char *args, struct err *err)
{
    char line[512], *rest = line;
    snprintf(line, sizeof line, "%s", args);
    for (char *w; (w = command_word(&rest));) {
        w += strspn(w, "-");
        char *eq = strchr(w, '=');
        struct op_field *f = field_of(d, w, eq ? (size_t)(eq - w) : strlen(w));
        const char *value = eq ? eq + 1 : w;
        if (f && !eq) {
            if (f->arg->type != ARG_BOOL) {
                err_set(err, ERR_USAGE, 0, "%s needs a value: %s=...", f->arg->name, f->arg->name);
                return false;
            }
            value = "yes";
        } else if (!f) {
            value = w;                                          /* "nginx=img:1" of set-image is a value, too */
            if (one_more(d, w)) continue;
            f = next_field(d);
            if (!f) return not_taken(d, w, err);
        }
        if (!valid(f->arg, value, err)) return false;
        give(f, value);
    }
    return true;
}

bool op_form_missing(const struct op_dialog *d)
{
    for (size_t i = 0; i < d->nfields; i++)
        if (d->field[i].arg->required && !d->field[i].edit.len) return true;
    return false;
}

size_t op_form_args(const struct op_dialog *d, struct op_arg *out)
{
    size_t n = 0;
    for (size_t i = 0; i < d->nfields; i++)
        if (d->field[i].edit.len && d->field[i].arg != &op_form_back) out[n++] = (struct op_arg){d->field[i].arg->name, d->field[i].edit.text};
    return n;
}

bool op_form_goes_back(const struct op_dialog *d)
{
    const struct op_field *f = d->nfields ? &d->field[d->nfields - 1] : NULL;
    return f && f->arg == &op_form_back && (*f->edit.text == 'y' || *f->edit.text == 't');
}

int op_form_rows(const struct op_dialog *d) { return (int)d->nfields + 3; }

static int label_width(const struct op_dialog *d)
{
    int w = 0;
    for (size_t i = 0; i < d->nfields; i++) {
        int n = (int)strlen(d->field[i].arg->name);
        if (n > w) w = n;
    }
    return w;
}

/* What it is when nothing is written. */
static const char *unset(const struct action_arg *arg)
{
    if (arg->required) return "(needed)";
    if (arg->type == ARG_BOOL) return arg->def && known_choice("true yes", arg->def) ? "yes" : "no";
    return arg->def && *arg->def != '*' ? arg->def : "";
}

void op_form_draw(struct op_dialog *d, struct canvas *c, struct rect r)
{
    int label = label_width(d), y = r.y;
    int first = (int)d->at >= r.h - 2 ? (int)d->at - (r.h - 3) : 0;
    for (size_t i = (size_t)(first > 0 ? first : 0); i < d->nfields && y < r.y + r.h - 2; i++, y++) {
        const struct op_field *f = &d->field[i];
        bool here = i == d->at;
        canvas_glyph(c, r.x, y, STYLE(ROLE_DIALOG), here ? GLYPH_CURSOR : GLYPH_NONE);
        canvas_puts(c, r.x + 2, y, label, STYLE(f->arg->required ? ROLE_STRONG : ROLE_FIELD) | OVER(ROLE_DIALOG_BODY), f->arg->name);
        int x = r.x + label + 4, room = r.x + r.w - x;
        if (f->edit.len || here) canvas_printf(c, x, y, room, STYLE(ROLE_INPUT) | OVER(ROLE_DIALOG_BODY), "%s%s", f->edit.text, here ? "_" : "");
        else canvas_puts(c, x, y, room, STYLE(ROLE_INPUT_HINT) | OVER(ROLE_DIALOG_BODY), unset(f->arg));
    }
    const struct action_arg *arg = d->field[d->at].arg;
    char help[400];
    snprintf(help, sizeof help, "%s%s%s%s", arg->help, arg->choices ? " One of: " : "", arg->choices ? arg->choices : "", arg->choices ? "." : "");
    text_draw_words(c, (struct rect){r.x, r.y + r.h - 2, r.w, 2}, STYLE(ROLE_INPUT_HINT) | OVER(ROLE_DIALOG_BODY), help, 2);
}

/* The next choice after what is written; "" follows the last one. */
static void turn_choice(struct op_field *f)
{
    const char *choices = f->arg->type == ARG_BOOL ? "yes no" : f->arg->choices, *p = choices;
    size_t len = f->edit.len;
    char word[80];
    while (len && *p && !(strcspn(p, " ") == len && !strncmp(p, f->edit.text, len))) p += strcspn(p, " "), p += strspn(p, " ");
    if (len) p += strcspn(p, " "), p += strspn(p, " ");
    snprintf(word, sizeof word, "%.*s", (int)strcspn(p, " "), p);
    give(f, word);
}

bool op_form_key(struct op_dialog *d, uint32_t key)
{
    struct op_field *f = &d->field[d->at];
    if (key == K_UP || key == (K_SHIFT | K_TAB)) d->at = d->at ? d->at - 1 : d->nfields - 1;
    else if (key == K_DOWN || key == K_TAB) d->at = (d->at + 1) % d->nfields;
    else if (key == ' ' && (f->arg->type == ARG_CHOICE || f->arg->type == ARG_BOOL)) turn_choice(f);
    else if (key == K_ENTER) {
        struct err err = ERR_INIT;
        for (size_t i = 0; i < d->nfields; i++) {
            const struct op_field *g = &d->field[i];
            if (g->arg->required && !g->edit.len) err_set(&err, ERR_USAGE, 0, "%s is needed: %s", g->arg->name, g->arg->help);
            else if (!g->edit.len || valid(g->arg, g->edit.text, &err)) continue;
            d->at = i;
            app_error(d->screen.app, "%s", err.msg);
            return false;
        }
        return true;                                            /* complete: plan it */
    } else if (lineedit_key(&f->edit, key)) f->given = true;
    return false;
}
