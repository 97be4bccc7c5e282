/* The whole world for batch verbs: everything the links speak of, read once from all chosen sources. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "strata/clock.h"
#include "strata/set_by.h"
#include "strata/graph.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/options.h"
#include "strata/tell.h"
#include "strata/world.h"
#include "tui/batch.h"

#define STILL_MS 300000        /* every request ends by itself (--request-timeout); a plugin that asks for a password may not */
#define GRACE_MS 1000          /* what failed says more than that nothing came */
#define LOOK_MS 500
#define WORD_MS 5000           /* whoever looks on is told what is waited for */

static const struct source_info *source_of(void *arg, uint16_t id) { return batch_source(arg, id); }

/* Each is asked once, and no more than so many: a list of causes wants to know of all that are off. Who did not answer one of
 * them is not waited for again. */
#define ASKED 10
struct asked { char uid[80]; bool known; char text[400]; };
struct newest { struct asked a[ASKED]; size_t n; bool mute[CORE_MAX_SOURCES]; };

static bool newest_action(void *arg, const struct row *server, char *buf, size_t size)
{
    struct batch *b = arg;
    struct newest *all = b->newest ? b->newest : (b->newest = mem_zalloc(sizeof *all));
    size_t i = 0;
    while (all && i < all->n && strcmp(all->a[i].uid, server->uid) != 0)
        i++;
    if (!all || i == ASKED || (i == all->n && all->mute[server->source]))
        return false;
    if (i == all->n) {
        struct event *e = batch_wait(b, core_fetch(b->core, server, FETCH_ACTIONS, FETCH_AS_SENT));
        struct asked *a = &all->a[all->n++];
        a->known = e && !e->err.code && e->text;
        all->mute[server->source] = e && e->err.code == ERR_TIMEOUT;
        snprintf(a->uid, sizeof a->uid, "%s", server->uid);
        snprintf(a->text, sizeof a->text, "%s", a->known ? e->text : "");
        event_free(e);
    }
    snprintf(buf, size, "%s", all->a[i].text);
    return all->a[i].known;
}

/* Each node once, and the journal once for all. */
static bool set_by(void *arg, const struct row *node, char *buf, size_t size)
{
    struct batch *b = arg;
    struct newest *all = b->newest ? b->newest : (b->newest = mem_zalloc(sizeof *all));
    const struct source_info *s = batch_source(b, node->source);
    size_t i = 0;
    while (all && i < all->n && strcmp(all->a[i].uid, node->uid) != 0)
        i++;
    if (!all || i == ASKED || (i == all->n && all->mute[node->source]))
        return false;
    if (i == all->n) {
        struct str words;
        if (!b->journal)
            b->journal = batch_wait(b, core_audit(b->core));
        struct event *e = batch_wait(b, core_fetch(b->core, node, FETCH_JSON, FETCH_MANAGED));
        str_init(&words, sizeof all->a[0].text - 1);
        all->mute[node->source] = e && e->err.code == ERR_TIMEOUT;
        set_by_words(node, s ? s->name : "", e && !e->err.code ? e->text : NULL, b->journal ? b->journal->text : NULL, b->journal ? b->journal->len : 0, &words);
        struct asked *a = &all->a[all->n++];
        a->known = words.len > 0;
        snprintf(a->uid, sizeof a->uid, "%s", node->uid);
        snprintf(a->text, sizeof a->text, "%s", words.data ? words.data : "");
        str_release(&words);
        event_free(e);
    }
    snprintf(buf, size, "%s", all->a[i].text);
    return all->a[i].known;
}

/* A line a source, while it lasts; not into a file. */
static void word(struct world *w)
{
    struct str s;
    str_init(&s, 1 << 14);
    world_waits(w, &s);
    for (char *save = NULL, *line = s.len ? strtok_r(s.data, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save))
        fprintf(stderr, "strata: waiting for %s\n", line);
    str_release(&s);
}

/* Until all is there, or nothing comes any more. What failed once, and whom even a health check does not reach, is gone on without. */
static void read_all(struct batch *b, struct world *w)
{
    int64_t begun = clock_mono_ms(), end = begun + STILL_MS, now = begun, slice, next = isatty(STDERR_FILENO) ? begun + WORD_MS : INT64_MAX;
    while (w && !world_settled(w) && now < end && !(now - begun >= b->opt->request_timeout_s * 1000 + GRACE_MS && world_silent(w))) {
        slice = now + LOOK_MS < end ? now + LOOK_MS : end;
        struct event *e = batch_event_until(b, slice);
        now = clock_mono_ms();
        if (!e && now < slice)
            return;                             /* interrupted */
        if (e && world_progress(w, e))          /* a busy machine is slow, not silent */
            end = now + STILL_MS;
        if (e)
            world_event(w, e);
        event_free(e);
        if (now >= next && !world_settled(w)) {
            word(w);
            next = now + 2 * WORD_MS;
        }
    }
}

void batch_tell(struct batch *b, struct tell *t)
{
    *t = (struct tell){.source = source_of, .arg = b, .newest_action = newest_action, .set_by = set_by};
}

struct world *batch_world(struct batch *b, struct tell *t)
{
    struct err err = ERR_INIT;
    char dir[4096];
    struct world *world = world_open(b->core, b->info, b->ninfo, options_user_dir("profiles", dir, sizeof dir) ? dir : "", &err);
    if (err.code)
        batch_report(b, &err, NULL);
    if (!b->ninfo)
        batch_error(b, EXIT_FAILED, "no Kubernetes context and no OpenStack cloud is configured (strata doctor says where was looked)");
    if (!world || !world_ask_all(world))
        batch_error(b, EXIT_FAILED, "out of memory");
    read_all(b, world);
    struct str s;
    str_init(&s, 1 << 16);
    const struct links *l = world ? world_links(world) : NULL;
    if (world)
        world_unseen(world, &s);
    batch_tell(b, t);
    t->l = l;
    t->partial = !b->ninfo || s.len || s.failed;
    str_release(&s);
    return world;
}

static void unseen(struct batch *b, const struct world *w, enum batch_exit rc)
{
    if (!w)
        return;
    struct str s;
    str_init(&s, 1 << 16);
    world_unseen(w, &s);
    for (char *save = NULL, *line = s.len ? strtok_r(s.data, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save))
        batch_error(b, rc, "not seen: %s", line);
    str_release(&s);
}

/* Namespaces were named, and it lies in another. */
static bool elsewhere(const struct batch *b, const struct row *r)
{
    const struct strlist *ns = &b->opt->namespaces;
    bool asked = ns->count && !b->opt->all_namespaces && r->kind->plane == PLANE_KUBE && *r->scope;
    for (size_t i = 0; asked && i < ns->count; i++)
        asked = strcmp(ns->items[i], r->scope) != 0;
    return asked;
}

/* By whichever name of its cluster, or cloud. */
static bool not_there(const struct batch *b, const struct links *l, const struct row *r)
{
    size_t i = 0;
    while (i < b->ninfo && (links_cluster(l, (uint16_t)i) != links_cluster(l, r->source) || !batch_chosen(b, r->kind->plane, b->info[i].name)))
        i++;
    return i == b->ninfo;
}

bool batch_each_node(struct batch *b, const struct links *l, const struct kind *k, const char *name, void (*fn)(void *arg, uint32_t node), void *arg)
{
    size_t found = 0;
    for (uint32_t i = 0; i < links_nodes(l); i++) {
        const struct row *r = links_row(l, i);
        bool named = r && !strcmp(r->kind->id, k->id) && (!strcmp(r->name, name) || !strcmp(r->uid, name));
        if (!r || (!named && !graph_is_part(k, name, r)) || elsewhere(b, r) || not_there(b, l, r))
            continue;
        found++;
        fn(arg, i);
    }
    return found || batch_not_found(b, l, k, name);
}

static void end(struct batch *b, struct world *w, struct str *out, enum batch_exit rc)
{
    if (!w || out->failed)
        batch_error(b, EXIT_FAILED, "out of memory");
    else
        print_text(out->data ? out->data : "", out->len);
    unseen(b, w, rc);
    str_release(out);
    event_free(b->journal);
    b->journal = NULL;
    mem_free(b->newest);
    b->newest = NULL;
    world_close(w);
}

void batch_world_end(struct batch *b, struct world *w, struct str *out) { end(b, w, out, EXIT_FAILED); }
void batch_world_told(struct batch *b, struct world *w, struct str *out) { end(b, w, out, EXIT_OK); }
