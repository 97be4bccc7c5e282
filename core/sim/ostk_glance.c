/* Glance: images. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_sim.h"

static json_t *show_image(struct req *r, const struct obj *o, json_t *d)
{
    (void)r;
    (void)o;
    return d;
}

void glance_handle(struct req *r)
{
    if (r->nseg <= 1 || (r->nseg == 2 && strcmp(r->seg[1], "versions") == 0)) {
        char *url = ostk_url(r, "/image/v2/");
        reply_json(r, r->nseg <= 1 ? 300 : 200, jt("{'versions':[{'id':'v2.16','status':'CURRENT','links':[{'rel':'self','href':%s}]},{'id':'v2.15',"
                                                   "'status':'SUPPORTED','links':[{'rel':'self','href':%s}]}]}", url, url));
        free(url);
        return;
    }
    if (!ostk_token(r))
        return;
    struct res *t = ostk_table(r->sim, "glance", "images");
    if (r->nseg > 3) {
        struct obj *o = store_get(t, "", r->seg[3]);
        if (o)
            reply_json(r, 200, obj_doc(o));
        else
            ostk_error(r, 404, "html", "No image found with ID %s", r->seg[3]);
    } else if (r->nseg > 2 && strcmp(r->seg[2], "images") == 0) {
        json_t *links = NULL, *page = ostk_page(r, t, r->path, &links, show_image);
        json_t *out = jt("{'images':%j,'first':'/v2/images','schema':'/v2/schemas/images'}", page);
        const char *next = strstr(jstr(links, "0.href"), "/image/v2/");
        if (next)
            json_object_set_new(out, "next", json_string(next + strlen("/image")));
        json_decref(links);
        reply_json(r, 200, out);
    } else {
        ostk_error(r, 404, "html", "The resource could not be found.");
    }
}
