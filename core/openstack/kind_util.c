/* Shared by the decoders of the OpenStack kinds. */
#include "core/openstack/kind_util.h"

#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "strata/text.h"

const char *ostk_ref(struct ostk_source *s, const char *what, const char *id)
{
    if (!id || !*id)
        return "";
    const char *name = s ? ostk_name(s, what, id) : "";
    return name && *name ? name : id;
}

void ostk_ref_cell(struct rowbuf *rb, int col, struct ostk_source *s, const char *what, const char *id)
{
    const char *name = ostk_ref(s, what, id);
    if (*name)
        rowbuf_text(rb, col, name);
}

void ostk_project_cell(struct rowbuf *rb, int col, struct ostk_source *s, const struct json_t *item, const char *key)
{
    const char *id = key ? ostk_json_str(item, key) : NULL;
    if (!id)
        id = ostk_json_str(item, "project_id");
    if (!id)
        id = ostk_json_str(item, "tenant_id");
    if (id && *id)
        ostk_ref_cell(rb, col, s, "project", id);
    else
        rowbuf_text(rb, col, "-");
}

void ostk_created(struct rowbuf *rb, const struct json_t *item, const char *key)
{
    const char *s = ostk_json_str(item, key ? key : "created_at");
    int64_t ms;
    if (s && text_parse_time(s, strlen(s), &ms))
        rowbuf_created(rb, ms);
}

void ostk_named(struct rowbuf *rb, int col, const struct json_t *item, const char *name_key, const char *scope_key)
{
    const char *id = ostk_json_str(item, "id"), *name = ostk_json_str(item, name_key);
    const char *scope = scope_key ? ostk_json_str(item, scope_key) : NULL;
    if (!scope)
        scope = ostk_json_str(item, "project_id");
    if (!scope)
        scope = ostk_json_str(item, "tenant_id");
    if (!id)
        return;                         /* no uid: rowbuf_finish drops the row */
    if (!name || !*name)
        name = id;
    rowbuf_id(rb, id, scope ? scope : "", name);
    rowbuf_text(rb, col, name);
}

void ostk_size_cell(struct rowbuf *rb, int col, const struct json_t *item, const char *path, int64_t unit)
{
    int64_t n = ostk_json_int(item, path, CELL_NONE);
    if (n != CELL_NONE && n <= INT64_MAX / unit && n >= INT64_MIN / unit)
        rowbuf_num(rb, col, n * unit);
}

static void add_value(struct str *s, const json_t *v)
{
    if (json_is_string(v))
        str_add(s, json_string_value(v), json_string_length(v));
    else if (json_is_boolean(v))
        str_adds(s, json_is_true(v) ? "True" : "False");
    else if (json_is_integer(v))
        str_addf(s, "%lld", (long long)json_integer_value(v));
    else if (json_is_real(v))
        str_addf(s, "%g", json_real_value(v));
}

static void put(struct rowbuf *rb, int col, struct str *s)
{
    if (s->len && !s->failed)
        rowbuf_textn(rb, col, s->data, s->len);
    str_release(s);
}

void ostk_map_cell(struct rowbuf *rb, int col, const struct json_t *map)
{
    struct str s;
    const char *key;
    json_t *v;
    str_init(&s, 1 << 16);
    json_object_foreach((json_t *)map, key, v) {
        str_addf(&s, "%s%s=", s.len ? ", " : "", key);
        add_value(&s, v);
    }
    put(rb, col, &s);
}

void ostk_pick_cell(struct rowbuf *rb, int col, const struct json_t *array, const char *member)
{
    struct str s;
    size_t i;
    json_t *e;
    str_init(&s, 1 << 16);
    json_array_foreach(array, i, e) {
        const json_t *v = ostk_json(e, member);
        if (!v || json_is_null(v))
            continue;
        if (s.len)
            str_adds(&s, ", ");
        add_value(&s, v);
    }
    put(rb, col, &s);
}

void ostk_bool_cell(struct rowbuf *rb, int col, const struct json_t *item, const char *path, const char *a,
                    const char *b)
{
    const json_t *v = ostk_json(item, path);
    if (json_is_boolean(v))
        rowbuf_text(rb, col, json_is_true(v) ? a : b);
}

bool ostk_true(const struct json_t *item, const char *path)
{
    return json_is_true(ostk_json(item, path));
}

size_t ostk_len(const struct json_t *item, const char *path)
{
    const json_t *v = ostk_json(item, path);
    return json_is_array(v) ? json_array_size(v) : json_object_size(v);
}

static bool ends(const char *s, const char *tail)
{
    size_t n = strlen(s), t = strlen(tail);
    return n >= t && !strcasecmp(s + n - t, tail);
}

enum health ostk_status_health(const char *status)
{
    static const struct { const char *word; enum health h; } words[] = {
        {"ACTIVE", HEALTH_OK}, {"available", HEALTH_OK}, {"in-use", HEALTH_OK}, {"ONLINE", HEALTH_OK},
        {"up", HEALTH_OK}, {"enabled", HEALTH_OK}, {"ALLOCATED", HEALTH_OK}, {"READY", HEALTH_OK},
        {"DOWN", HEALTH_WARN}, {"OFFLINE", HEALTH_WARN}, {"DEGRADED", HEALTH_WARN}, {"maintenance", HEALTH_WARN},
        {"deactivated", HEALTH_WARN}, {"restricted", HEALTH_WARN}, {"killed", HEALTH_BAD},
        {"deleted", HEALTH_DONE}, {"UNKNOWN", HEALTH_UNKNOWN}, {"N/A", HEALTH_NONE},
        {"reserved", HEALTH_BUSY}, {"queued", HEALTH_BUSY},
        {"awaiting-transfer", HEALTH_WARN}, {"BUILD", HEALTH_BUSY}, {"BOOTING", HEALTH_BUSY},
        {"PENDING_CREATE", HEALTH_BUSY}, {"PENDING_UPDATE", HEALTH_BUSY}, {"PENDING_DELETE", HEALTH_BUSY},
        {"NO_MONITOR", HEALTH_OK}, {"DRAINING", HEALTH_BUSY}, {"pending_delete", HEALTH_BUSY},
    };
    if (!status || !*status)
        return HEALTH_NONE;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcasecmp(status, words[i].word))
            return words[i].h;
    if (!strncasecmp(status, "error", 5) || ends(status, "failed") || ends(status, "_error"))
        return HEALTH_BAD;
    if (ends(status, "_COMPLETE"))
        return HEALTH_OK;
    if (ends(status, "ing") || ends(status, "_IN_PROGRESS") || ends(status, "wait"))
        return HEALTH_BUSY;
    return HEALTH_UNKNOWN;
}

enum health ostk_admin_health(const struct json_t *item, const char *status)
{
    enum health h = ostk_status_health(status);
    return h < HEALTH_WARN && json_is_false(ostk_json(item, "admin_state_up")) ? HEALTH_WARN : h;
}

enum health ostk_agent_health(bool up, bool disabled, bool forced_down)
{
    if (forced_down || disabled)        /* somebody decided it: worth a look, not an alarm */
        return HEALTH_WARN;
    return up ? HEALTH_OK : HEALTH_BAD;
}
