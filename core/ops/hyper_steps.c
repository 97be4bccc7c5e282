/* The steps of a drain of a hypervisor: how they are found, and how they are added. */
#include "core/ops/hyper_steps.h"

#include <string.h>

const json_t *hyper_servers(const struct op_drive *d) { return json_object_get(d->c.side[HYPER_SERVERS].json, "servers"); }
const json_t *hyper_migrations(const struct op_drive *d) { return json_object_get(d->c.side[HYPER_MIGRATIONS].json, "migrations"); }

bool hyper_is_move(const struct op_kid *k) { return !strcmp(k->action, "live-migrate") || !strcmp(k->action, "migrate"); }

/* The last step of that action (NULL: move) for a server. */
struct op_kid *hyper_kid(const struct op_drive *d, const char *action, const char *uid)
{
    for (size_t i = d->nkids; i-- > 0;)
        if (!strcmp(d->kid[i].uid, uid) && (action ? !strcmp(d->kid[i].action, action) : hyper_is_move(&d->kid[i])))
            return &d->kid[i];
    return NULL;
}

size_t hyper_kid_index(const struct op_drive *d, const struct op_kid *k) { return (size_t)(k - d->kid); }

struct op_kid *hyper_disabling(const struct op_drive *d) { return hyper_kid(d, "disable", d->c.uid); }

static bool add_step(struct op_drive *d, const char *action, const char *uid, const char *name, const struct op_arg *args, size_t nargs)
{
    const struct op_kid_new kid = {.action = action, .kind = "server", .scope = "", .name = *name ? name : uid, .uid = uid, .args = args, .nargs = nargs,
                                   .stays = true, .tidies = !strcmp(action, "confirm-resize") || !strcmp(action, "abort-migration")};
    return d->ops->add(d, &kid);
}

bool hyper_add_move(struct op_drive *d, const json_t *server, enum hyper_fate fate)
{
    const char *host = act_arg(&d->c, "host"), *block = act_arg(&d->c, "block");
    struct op_arg args[2];
    size_t n = 0;
    if (host && *host)
        args[n++] = (struct op_arg){"host", host};
    if (fate != HYPER_COLD && block)
        args[n++] = (struct op_arg){"block", block};
    return add_step(d, fate == HYPER_COLD ? "migrate" : "live-migrate", act_str(server, "id"), act_str(server, "name"), args, n);
}

/* A step that is done as soon as it is known. false: memory, or too many. */
bool hyper_do(struct op_drive *d, const char *action, const char *uid, const char *name)
{
    if (!add_step(d, action, uid, name, NULL, 0))
        return false;
    const struct op_kid *k = hyper_kid(d, action, uid);
    if (k->state != STEP_WAITING && !op_kid_busy(k))       /* of a run before: once more */
        d->ops->again(d, hyper_kid_index(d, k));
    if (k->state == STEP_WAITING)
        d->ops->start(d, hyper_kid_index(d, k));
    return true;
}

/* Is a server that is not here any more part of it? Not where all are left and nobody named it. */
bool hyper_is_ours(const struct op_drive *d, const char *uid) { return hyper_kid(d, NULL, uid) || !hyper_leaves(&d->c, uid); }
