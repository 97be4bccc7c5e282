/* The rounds of an edit: shown, taken back, tried, shown again with what was wrong. */
#include "tui/edit.h"

#include <string.h>

#include "strata/edit.h"
#include "strata/mem.h"

#define ROUNDS_MAX 200

struct edit *edit_new(const char *name)
{
    struct edit *e = mem_zalloc(sizeof *e);
    struct err err = ERR_INIT;
    if (!e)
        return NULL;
    struct str *all[] = {&e->base, &e->text, &e->words, &e->document, &e->note};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        str_init(all[i], (size_t)32 << 20);
    if (!edit_file_init(&e->file, name, &err))
        str_adds(&e->note, err.msg);
    return e;
}

static void say(struct edit *e, const char *text)
{
    str_clear(&e->note);
    str_adds(&e->note, text);
}

void edit_keep(struct edit *e)
{
    e->kept = true;
    str_addf(&e->note, "%sthe text is kept in %s", e->note.len ? "; " : "", e->file.path);
}

static const char *head(const struct edit *e, struct str *out)
{
    str_addf(out, "%s\nLines that begin with '#' at the top are left out; an empty file gives up. What is saved is tried on the server first.\n",
             e->what ? e->what : "");
    if (e->words.len)
        str_addf(out, "\n%s\n", e->words.data);
    return out->data ? out->data : "";
}

/* Shows text under the words, and takes it back until it can be a document. */
static enum edit_next rounds(struct edit *e, bool first)
{
    struct err err = ERR_INIT;
    bool same = false;
    for (;; first = false) {
        struct str h, shown;
        str_init(&h, 1 << 20);
        str_init(&shown, (size_t)32 << 20);
        head(e, &h);
        edit_text(&shown, e->text.data ? e->text.data : "", h.data, false, &err);
        str_release(&h);
        if (e->screen && !shown.failed)
            e->screen(e->arg, true);
        bool ok = !shown.failed && edit_file_round(&e->file, shown.data, shown.len, e->core, e->other, e->arg, &err);
        if (e->screen && !shown.failed)
            e->screen(e->arg, false);
        str_release_secret(&shown);
        if (!ok) {
            say(e, err.code ? err.msg : "out of memory");
            if (!first)
                edit_keep(e);
            return EDIT_FAILED;
        }
        if (edit_file_same(&e->file) || !*edit_body(e->file.text.data) || ++e->rounds > ROUNDS_MAX) {
            say(e, first ? "nothing was changed" : "nothing more was changed: left alone");
            if (!first && e->words.len)
                str_addf(&e->note, " (%.*s)", (int)strcspn(e->words.data, "\n"), e->words.data);
            if (!first)
                edit_keep(e);
            return EDIT_OVER;
        }
        str_clear(&e->document);
        const char *body = edit_body(e->file.text.data);
        edit_document(e->base.data, e->file.text.data, e->file.text.len, &e->document, e->mark, &same, &err);
        if (!err.code && same) {
            say(e, "nothing was changed");
            return EDIT_OVER;
        }
        if (!err.code)
            return EDIT_PLAN;
        str_clear(&e->text);
        str_adds(&e->text, body);
        str_clear(&e->words);
        str_addf(&e->words, "It cannot be used like this: %s", err.msg);
    }
}

enum edit_next edit_fetched(struct edit *e, const char *yaml)
{
    struct err err = ERR_INIT;
    struct str text;
    bool first = !e->base.len;
    if (!*e->file.dir)
        return EDIT_FAILED;
    str_init(&text, (size_t)32 << 20);
    if (first) {
        edit_text(&text, yaml, NULL, e->decode, &err);
    } else {
        str_clear(&e->words);
        edit_again(e->base.data, e->file.text.data, e->file.text.len, yaml, &text, &e->words, &err);
    }
    if (!err.code && !first && e->decode) {
        struct str plain;
        str_init(&plain, (size_t)32 << 20);
        edit_text(&plain, text.data, NULL, true, &err);
        str_release_secret(&text);
        text = plain;
    }
    str_clear(&e->base);
    str_adds(&e->base, yaml);
    str_clear(&e->text);
    str_adds(&e->text, text.data);
    str_release_secret(&text);
    if (!err.code)
        return rounds(e, first);
    say(e, err.msg);
    if (!first)
        edit_keep(e);
    return EDIT_FAILED;
}

const struct op_arg edit_nothing[1] = {{.name = "document", .value = "{}"}};

const char *edit_forbidden(const struct op_view *plan)
{
    bool ours = (plan->err.code == ERR_FORBIDDEN && !plan->err.detail) || plan->err.code == ERR_READONLY;      /* what the server says of the text comes later */
    return plan->state == OPS_REFUSED && ours ? plan->err.msg : NULL;
}

enum edit_next edit_planned(struct edit *e, const struct op_view *plan)
{
    bool conflict = plan->err.code == ERR_CONFLICT;
    if (plan->state != OPS_REFUSED)
        return EDIT_READY;
    if (conflict && e->rounds < ROUNDS_MAX)
        return EDIT_FETCH;
    if (plan->err.code == ERR_READONLY || plan->err.code == ERR_FORBIDDEN || plan->err.code == ERR_NOTFOUND || plan->err.code == ERR_AUTH ||
        plan->err.code == ERR_NOMEM || err_retryable(plan->err.code)) {
        say(e, plan->err.msg);
        edit_keep(e);
        return EDIT_FAILED;
    }
    str_clear(&e->words);
    for (size_t i = 0; i < plan->nfacts; i++)
        if (plan->facts[i].level == FACT_REFUSED)
            str_addf(&e->words, "%s%s", e->words.len ? "\n" : "", plan->facts[i].text);
    if (!e->words.len)
        str_adds(&e->words, plan->err.msg);
    str_clear(&e->text);
    str_adds(&e->text, edit_body(e->file.text.data));
    return rounds(e, false);
}

const struct op_arg *edit_args(struct edit *e)
{
    e->args[0] = (struct op_arg){.name = "document", .value = e->document.data};
    e->args[1] = (struct op_arg){.name = "mark", .value = e->mark};
    return e->args;
}

void edit_free(struct edit *e)
{
    if (!e)
        return;
    struct str *all[] = {&e->base, &e->text, &e->words, &e->document, &e->note};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        str_release_secret(all[i]);
    edit_file_release(&e->file, e->kept);
    mem_free(e);
}
