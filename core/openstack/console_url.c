/* Of a server: the address of its screen, of the first kind of console that the cloud has. It lets in whoever has it: shown, never kept. */
#include <stdio.h>
#include <string.h>

#include "core/openstack/ostk_priv.h"
#include "core/openstack/requests_priv.h"

static const char *const consoles[] = {
    "{\"remote_console\":{\"protocol\":\"vnc\",\"type\":\"novnc\"}}",
    "{\"remote_console\":{\"protocol\":\"spice\",\"type\":\"spice-html5\"}}",
    "{\"remote_console\":{\"protocol\":\"mks\",\"type\":\"webmks\"}}",
    "{\"remote_console\":{\"protocol\":\"serial\",\"type\":\"serial\"}}",
};
#define NCONSOLES (sizeof consoles / sizeof consoles[0])

static void next_console(struct ostk_job *j);

static void on_url(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *doc = ostk_job_json(r, &err);
    const char *url = ostk_json_str(doc, "remote_console.url");
    if (r->status == 400 && j->at < NCONSOLES) {      /* no such console here */
        json_decref(doc);
        next_console(j);
        return;
    }
    if (url && *url) {
        if (!(j->rq->flags & FETCH_AS_SENT))
            str_adds(&j->out, "Open this in a browser. It lets in whoever has it, for a few minutes:\n\n");
        str_addf(&j->out, "%s\n", url);
    } else if (doc) {
        err_set(&err, ERR_PROTO, 0, "the answer has no address");
    } else if (r->status == 400) {
        err_set(&err, ERR_UNSUPPORTED, 400, "this cloud has no console that can be opened: neither VNC nor SPICE, MKS or serial");
    }
    json_decref(doc);
    if (err.code != ERR_OK)
        err_wrap(&err, "console of %.80s", j->rq->name);
    ostk_job_end(j, &err);
}

static void next_console(struct ostk_job *j)
{
    const char *body = consoles[j->at++];
    struct str path;
    str_init(&path, 4096);
    str_adds(&path, "/servers/");
    str_add_urlenc(&path, j->rq->uid);
    str_adds(&path, "/remote-consoles");
    struct ostk_req rq = {.service = "compute", .method = "POST", .path = path.data, .microversion = "2.8", .body = body, .body_len = strlen(body),
                          .timeout_ms = 30000};
    ostk_job_ask(j, &rq, on_url);
    str_release(&path);
}

void ostk_console_url(struct ostk_job *j)
{
    j->at = 0;
    next_console(j);
}
