/* Key pairs: imported, or made here as long as the microversion makes the server do it. */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"

/* "ssh-TYPE BASE64 comment": the MD5 of the decoded part, as colon-separated hex; false: no such key. */
static bool fingerprint(const char *key, char out[48])
{
    const char *text = strchr(key, ' ');
    gnutls_datum_t in, blob = {0};
    unsigned char sum[16];
    if (!text || strncmp(key, "ssh-", 4) != 0)
        return false;
    in.data = (unsigned char *)(uintptr_t)(text + 1);
    in.size = (unsigned)strcspn(text + 1, " \r\n");
    if (gnutls_base64_decode2(&in, &blob) < 0)
        return false;
    bool ok = blob.size > 32 && gnutls_hash_fast(GNUTLS_DIG_MD5, blob.data, blob.size, sum) == 0;
    for (int i = 0; ok && i < 16; i++)
        snprintf(out + 3 * i, 4, i < 15 ? "%02x:" : "%02x", sum[i]);
    gnutls_free(blob.data);
    return ok;
}

static size_t ssh_field(unsigned char *out, const void *data, size_t n)
{
    unsigned char head[4] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n};
    memcpy(out, head, 4);
    memcpy(out + 4, data, n);
    return n + 4;
}

/* A new RSA key: *private as PEM; the public line. Both are the caller's; NULL when it cannot be made. */
static char *make_key(char **private)
{
    gnutls_x509_privkey_t key = NULL;
    gnutls_datum_t m = {0}, e = {0}, pem = {0}, blob, text = {0};
    unsigned char wire[1024];
    char *line = NULL;
    if (gnutls_x509_privkey_init(&key) < 0)
        return NULL;
    if (gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, 2048, 0) == 0 && gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem) == 0 &&
        gnutls_x509_privkey_export_rsa_raw(key, &m, &e, NULL, NULL, NULL, NULL) == 0) {
        size_t n = ssh_field(wire, "ssh-rsa", 7);
        n += ssh_field(wire + n, e.data, e.size);
        n += ssh_field(wire + n, m.data, m.size);
        blob = (gnutls_datum_t){wire, (unsigned)n};
        if (gnutls_base64_encode2(&blob, &text) == 0) {
            line = sim_printf("ssh-rsa %.*s Generated-by-Nova", (int)text.size, text.data);
            *private = sim_printf("%.*s", (int)pem.size, pem.data);
        }
    }
    gnutls_free(m.data);
    gnutls_free(e.data);
    gnutls_free(pem.data);
    gnutls_free(text.data);
    gnutls_x509_privkey_deinit(key);
    return line;
}

static json_t *shown(const struct req *r, const json_t *k, bool whole)
{
    static const char *const rest[] = {"user_id", "created_at", "deleted", "deleted_at", "id", "updated_at"};
    json_t *d = json_deep_copy(k);
    for (size_t i = 0; !whole && i < sizeof(rest) / sizeof(rest[0]); i++)
        json_object_del(d, rest[i]);
    if (!nova_at(r, 2))
        json_object_del(d, "type");
    return d;
}

static void create(struct req *r, json_t *mine)
{
    json_t *in = nova_body(r, "keypair");
    const char *name = jstr(in, "name"), *public = json_string_value(json_object_get(in, "public_key")), *type = jstr(in, "type");
    char print[48] = "", at[40], *private = NULL, *made = NULL;
    if (!in)
        return;
    if (!json_object_get(in, "name")) {
        nova_invalid(r, "keypair", in, "'name' is a required property");
    } else if (nova_at(r, 92) && !public) {
        nova_invalid(r, "keypair", in, "'public_key' is a required property");
    } else if (!*name) {
        nova_invalid(r, "name", json_object_get(in, "name"), "'' is too short");
    } else if (!public && !(made = make_key(&private))) {
        nova_error(r, 500, "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if possible.");
    } else if (!fingerprint(public ? public : made, print)) {
        nova_error(r, 400, "Keypair data is invalid: failed to generate fingerprint");
    } else if (json_object_get(mine, name)) {
        nova_error(r, 409, "Key pair '%s' already exists.", name);
    } else {
        json_t *k = jt("{'name':%s,'public_key':%s,'fingerprint':%s,'user_id':%s,'created_at':%s,'deleted':false,'deleted_at':null,'id':%i,'updated_at':null,"
                       "'type':%s}", name, public ? public : made, print, nova_who(r)->user_id, nova_micros(sim_now(r->sim), at),
                       ++r->sim->nova->keypair_num, *type ? type : "ssh");
        json_object_set_new(mine, name, k);
        json_t *out = shown(r, k, false);
        json_object_set_new(out, "user_id", json_string(nova_who(r)->user_id));
        if (private)
            json_object_set_new(out, "private_key", json_string(private));
        reply_json(r, nova_at(r, 2) ? 201 : 200, jt("{'keypair':%j}", out));
    }
    free(private);
    free(made);
    json_decref(in);
}

static void list(struct req *r, const json_t *mine)
{
    json_t *all = json_array(), *x;
    const char *name;
    json_object_foreach((json_t *)mine, name, x)
        json_array_append_new(all, jt("{'keypair':%j}", shown(r, x, false)));
    reply_json(r, 200, jt("{'keypairs':%j}", all));
}

void nova_keypairs(struct req *r)
{
    struct nova *n = r->sim->nova;
    const char *user = nova_at(r, 10) && req_query(r, "user_id") ? req_query(r, "user_id") : nova_who(r)->user_id;
    const char *name = r->nseg > 3 ? r->seg[3] : NULL;
    if (strcmp(user, nova_who(r)->user_id) != 0 && !nova_allowed(r, "os_compute_api:os-keypairs:index"))
        return;
    json_t *mine = json_object_get(n->keypairs, user);
    if (!mine) {
        mine = json_object();
        json_object_set_new(n->keypairs, user, mine);
    }
    json_t *k = name ? json_object_get(mine, name) : NULL;
    if (!name && strcmp(r->method, "GET") == 0) {
        list(r, mine);
    } else if (!name && strcmp(r->method, "POST") == 0) {
        create(r, mine);
    } else if (name && !k) {
        nova_error(r, 404, "Keypair %s not found for user %s", name, user);
    } else if (name && strcmp(r->method, "GET") == 0) {
        reply_json(r, 200, jt("{'keypair':%j}", shown(r, k, true)));
    } else if (name && strcmp(r->method, "DELETE") == 0) {
        json_object_del(mine, name);
        reply_text(r, nova_at(r, 2) ? 204 : 202, "application/json", "", 0);
    } else {
        nova_none(r);
    }
}
