/* Nova: a server is rebuilt, copied into an image, deleted, and called back. */
#include <string.h>

#include "core/ops/nova_image.h"

/* ---- rebuild ---- */

/* The image that was named, else that which it has. */
static const char *wanted_image(const struct act_ctx *c)
{
    const char *said = act_arg(c, "image");
    return said && *said ? said : act_str(c->obj, "image.id");
}

static bool rebuild_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    return nova_side(c, i, path, service, microversion) ||
           (!c->seeing && i == nova_node_sides(c) && nova_image_side(wanted_image(c), path, service, microversion));
}

static enum act_verdict rebuild_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    bool volume = json_is_string(act_get(c->obj, "image"));
    const char *said = wanted_image(c);
    enum act_verdict v = nova_may(c, f);
    if (v != ACT_SEND)
        return v;
    if (volume && !nova_has(c, "2.93")) {
        act_fact(f, FACT_REFUSED, "its root disk is a volume, and Nova rebuilds such a server from microversion 2.93 on: this cloud has %s", c->offers);
        return ACT_REFUSED;
    }
    if (!*said) {
        act_fact(f, FACT_REFUSED, "its root disk is a volume: say from which image, as in image=NAME");
        return ACT_REFUSED;
    }
    const json_t *image = nova_image(c, said, f);
    if (!image)
        return ACT_REFUSED;
    act_fact(f, FACT_DANGER, "all that is on its root disk is lost%s: it is written anew from image %s", volume ? ", which is a volume" : "", act_str(image, "name"));
    act_fact(f, FACT_INFO, "its id, name, addresses and other volumes stay");
    return nova_post(c, rq, volume ? "2.93" : "2.1", json_pack("{s:s}", "imageRef", act_str(image, "id")));
}

/* ---- snapshot ---- */

static bool snapshot_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    const char *id = act_str(c->answer, "image_id"), *name = act_arg(c, "name");
    if (nova_side(c, i, path, service, microversion))
        return true;
    if (!c->seeing || i != nova_sides(c))
        return false;
    *service = "image";
    *microversion = NULL;
    if (*id)
        return str_adds(path, "/images/") && str_add_urlenc(path, id);
    return str_adds(path, "/images?limit=20&sort=created_at:desc&name=") && str_add_urlenc(path, name ? name : "");
}

static enum act_verdict snapshot_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *name = act_arg(c, "name");
    size_t volumes = json_array_size(act_get(c->obj, "os-extended-volumes:volumes_attached"));
    enum act_verdict v = nova_may(c, f);
    if (v != ACT_SEND)
        return v;
    if (!strcmp(nova_vm(c->obj), "active"))
        act_fact(f, FACT_CAUTION, "it is copied while it runs: what it has not written to its disk is not in it");
    if (json_is_string(act_get(c->obj, "image")))
        act_fact(f, FACT_INFO, "its root disk is a volume: a snapshot of each of its %zu volumes is made, and an image that names them", volumes);
    else if (volumes)
        act_fact(f, FACT_CAUTION, "its %zu attached volume%s not in it: only its own disk is", volumes, volumes == 1 ? " is" : "s are");
    return nova_post(c, rq, nova_has(c, "2.45") ? "2.45" : "2.1", json_pack("{s:s}", "name", name ? name : ""));
}

/* The image: by the id in the answer; of a lost one by name and time. */
static const json_t *snapshot_of(const struct act_ctx *c)
{
    const json_t *side = c->side[nova_sides(c)].json;
    size_t i;
    json_t *e;
    if (*act_str(c->answer, "image_id"))
        return json_object_get(side, "id") ? side : NULL;
    json_array_foreach(json_object_get(side, "images"), i, e) {
        const char *of = act_str(e, "instance_uuid");
        if ((!*of || !strcmp(of, c->uid)) && nova_ours(c, nova_time(e, "created_at")))
            return e;
    }
    return NULL;
}

static enum act_seen snapshot_seen(const struct act_ctx *c, struct str *why)
{
    if (nova_failed(c, why) == SEEN_FAILED)
        return SEEN_FAILED;
    const json_t *image = snapshot_of(c);
    const char *status = act_str(image, "status"), *id = act_str(image, "id");
    if (image)
        str_addf(why, "; image %s is %s", id, status);
    if (!strcmp(status, "active") && !*nova_task(c->obj))
        return SEEN_DONE;
    if (image && !nova_in("queued saving importing uploading active", status))
        return SEEN_FAILED;
    if (!image && c->side[nova_sides(c)].status == 404 && !*nova_task(c->obj)) {
        str_adds(why, "; its image is not there any more: Nova takes it away when the copy fails");
        return SEEN_FAILED;
    }
    return SEEN_WAIT;
}

static enum act_arrived snapshot_arrived(const struct act_ctx *c)
{
    return snapshot_of(c) ? ARRIVED_YES : nova_arrived(c);
}

/* ---- delete ---- */

static void say_addresses(const struct act_ctx *c, struct act_facts *f)
{
    const char *net;
    size_t i;
    json_t *list, *e;
    json_object_foreach((json_t *)act_get(c->obj, "addresses"), net, list)
        json_array_foreach(list, i, e)
            if (!strcmp(act_str(e, "OS-EXT-IPS:type"), "floating"))
                act_fact(f, FACT_INFO, "floating IP %s stays, with nobody behind it", act_str(e, "addr"));
    if (json_object_size(act_get(c->obj, "addresses")))
        act_fact(f, FACT_INFO, "ports that Nova made for it are deleted, ports that were given to it stay");
}

static enum act_verdict delete_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    bool force = !strcmp(c->action->id, "force-delete"), soft = !strcmp(nova_vm(c->obj), "soft-delete");
    if (!force && soft) {
        act_fact(f, FACT_REFUSED, "it is deleted already and kept for a while: restore calls it back, force-delete ends it");
        return ACT_REFUSED;
    }
    enum act_verdict v = nova_may(c, f);
    if (v != ACT_SEND)
        return v;
    nova_say_disks(c, f, true);
    say_addresses(c, f);
    if (force)
        return nova_post(c, rq, "2.1", NULL);
    rq->method = "DELETE";
    rq->service = "compute";
    rq->microversion = "2.1";
    return act_path(c, &rq->path, NULL) ? ACT_SEND : ACT_REFUSED;
}

static enum act_seen delete_seen(const struct act_ctx *c, struct str *why)
{
    if (!c->obj) {                         /* DELETED is shown for a moment before */
        str_adds(why, "it is gone");
        return SEEN_DONE;
    }
    if (!strcmp(nova_vm(c->obj), "soft-delete") && strcmp(c->action->id, "force-delete") != 0 && !*nova_task(c->obj)) {
        str_adds(why, "this cloud keeps it for a while: restore calls it back");
        return SEEN_DONE;
    }
    return nova_failed(c, why);
}

static const char *delete_undo(const struct act_ctx *c, struct str *args)
{
    (void)args;
    return c->obj && !strcmp(nova_vm(c->obj), "soft-delete") ? "restore" : NULL;
}

/* ---- rows ---- */

static const struct action_arg rebuild_args[] = {{.name = "image", .help = "Name or id of the image; without it the one it was made from."}};
static const struct action_arg snapshot_args[] = {{.name = "name", .help = "Name of the image to be made.", .required = true}};

const struct action nova_life_actions[] = {
    {NOVA_ROW("snapshot", "copied", "Makes an image of a server's disk."), .flags = ACTION_ONE, .args = snapshot_args, .nargs = 1, .timeout_s = 3600,
     .side = snapshot_side, .build = snapshot_build, .observe = snapshot_seen, .arrived = snapshot_arrived, .fits = nova_fits},
    {NOVA_ROW("rebuild", "rebuilt", "Writes a server's root disk anew from an image."), .flags = ACTION_DANGER, .args = rebuild_args, .nargs = 1, .timeout_s = 1800,
     .side = rebuild_side, .build = rebuild_build, .observe = nova_seen, .arrived = nova_arrived, .fits = nova_fits},
    {NOVA_ROW("delete", "deleted", "Deletes a server."), .flags = ACTION_DANGER | ACTION_AGAIN | ACTION_GONE, .side = nova_side, .build = delete_build, .observe = delete_seen,
     .arrived = nova_arrived, .undo = delete_undo, .fits = nova_fits},
    {NOVA_ROW("force-delete", "deleted", "Deletes it at once, also where clouds keep it a while."), .flags = ACTION_DANGER | ACTION_AGAIN | ACTION_GONE,
     .side = nova_side, .build = delete_build, .observe = delete_seen, .arrived = nova_arrived, .fits = nova_fits},
    {NOVA_ROW("restore", "restored", "Calls a deleted server back, if the cloud kept it."), .side = nova_side, .build = nova_build, .observe = nova_seen,
     .arrived = nova_arrived, .fits = nova_fits},
    {0},
};
