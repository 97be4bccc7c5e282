/* The form of the body of each action, as the API's schemas have it: checked before anything else is looked at. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"
#include "core/sim/ostk_sim.h"

static const struct shape { const char *key; int from, until; bool null; const char *needed[3], *known[10]; } shapes[] = {
    {"reboot", 0, 0, false, {"type"}, {"type"}},
    {"resize", 0, 0, false, {"flavorRef"}, {"flavorRef", "OS-DCF:diskConfig"}},
    {"rebuild", 57, 0, false, {"imageRef"}, {"imageRef", "name", "description", "adminPass", "metadata", "preserve_ephemeral", "OS-DCF:diskConfig", "user_data",
                                             "key_name", "hostname"}},
    {"createImage", 0, 0, false, {"name"}, {"name", "metadata"}},
    {"rescue", 0, 0, true, {NULL}, {"adminPass", "rescue_image_ref"}},
    {"lock", 73, 0, true, {NULL}, {"locked_reason"}},
    {"os-resetState", 0, 0, false, {"state"}, {"state"}},
    {"os-getConsoleOutput", 0, 0, false, {NULL}, {"length"}},
    {"changePassword", 0, 0, false, {"adminPass"}, {"adminPass"}},
    {"migrate", 56, 0, true, {NULL}, {"host"}},
    {"os-migrateLive", 0, 24, false, {"block_migration", "disk_over_commit", "host"}, {"block_migration", "disk_over_commit", "host"}},
    {"os-migrateLive", 25, 29, false, {"block_migration", "host"}, {"block_migration", "host"}},
    {"os-migrateLive", 30, 67, false, {"block_migration", "host"}, {"block_migration", "host", "force"}},
    {"os-migrateLive", 68, 0, false, {"block_migration", "host"}, {"block_migration", "host"}},
    {"evacuate", 0, 13, false, {"onSharedStorage"}, {"host", "onSharedStorage", "adminPass"}},
    {"evacuate", 14, 28, false, {NULL}, {"host", "adminPass"}},
    {"evacuate", 29, 67, false, {NULL}, {"host", "adminPass", "force"}},
    {"evacuate", 68, 0, false, {NULL}, {"host", "adminPass"}},
    {"unshelve", 77, 90, true, {"availability_zone"}, {"availability_zone"}},
    {"unshelve", 91, 0, true, {NULL}, {"availability_zone", "host"}},
};

#define YES_NO "True, 'True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', False, 'False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no'"
/* What a member may be: one of these words as Python prints the list; or a test of its own. */
static const struct value { const char *key, *member; int from; const char *words; } values[] = {
    {"reboot", "type", 0, "'HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft'"},
    {"os-resetState", "state", 0, "'active', 'error'"},
    {"os-migrateLive", "block_migration", 25, YES_NO ", 'auto'"},
    {"os-migrateLive", "block_migration", 0, YES_NO},
};

static const char yes_no[] = YES_NO;

static bool one_of(const char *text, const char *words)
{
    const char *at = *text ? strstr(words, text) : NULL;
    return at && text[strcspn(text, ", ")] == 0 && strchr(",", at[strlen(text)]);      /* a whole one */
}

bool nova_yes_no(struct req *r, const char *field, const json_t *value)
{
    char *text = nova_repr(value, false);
    bool known = one_of(text, yes_no);
    if (!known)
        nova_invalid(r, field, value, "%s is not one of [%s]", text, yes_no);
    free(text);
    return known;
}

bool nova_yes_no_query(struct req *r, const char *key)
{
    const char *value = req_query(r, key);
    char *text = value ? sim_printf("'%s'", value) : NULL;
    bool known = !text || one_of(text, yes_no);
    if (!known)
        nova_error(r, 400, "Invalid input for query parameters %s. Value: %s. %s is not one of [%s]", key, value, text, yes_no);
    free(text);
    return known;
}

static bool words_ok(struct req *r, const char *key, const json_t *arg)
{
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        const struct value *v = &values[i];
        const json_t *x = strcmp(v->key, key) == 0 && nova_at(r, v->from) ? json_object_get(arg, v->member) : NULL;
        if (!x)
            continue;
        char *text = nova_repr(x, false);
        bool known = one_of(text, v->words);
        if (!known)
            nova_invalid(r, v->member, x, "%s is not one of [%s]", text, v->words);
        free(text);
        return known;
    }
    return true;
}

static bool texts_ok(struct req *r, const char *key, const json_t *arg)
{
    const json_t *host = json_object_get(arg, "host"), *image = json_object_get(arg, "imageRef"), *reason = json_object_get(arg, "locked_reason");
    bool moves = strcmp(key, "migrate") == 0 || strcmp(key, "os-migrateLive") == 0, text = host && json_is_string(host);
    if (host && !text && !(json_is_null(host) && moves)) {
        char *value = nova_repr(host, false);
        nova_invalid(r, "host", host, moves ? "%s is not of type 'string', 'null'" : "%s is not of type 'string'", value);
        free(value);
        return false;
    }
    if (strcmp(key, "rebuild") == 0 && image && *jstr(arg, "imageRef") && !ostk_is_uuid(jstr(arg, "imageRef")))
        return nova_invalid(r, "imageRef", image, "'%s' is not a 'uuid'", jstr(arg, "imageRef"));
    if (strcmp(key, "lock") == 0 && json_is_string(reason) && !*json_string_value(reason))
        return nova_invalid(r, "locked_reason", reason, "'' is too short");
    return words_ok(r, key, arg);
}

static bool length_ok(struct req *r, const json_t *arg)
{
    const json_t *length = json_object_get(arg, "length");
    const char *text = json_string_value(length);
    size_t digits = text ? strspn(text + (*text == '-'), "0123456789") : 0;
    if (text && (!digits || text[(*text == '-') + digits]))
        return nova_invalid(r, "length", length, "'%s' does not match '^-?[0-9]+$'", text);
    if (json_is_integer(length) && json_integer_value(length) < -1)
        return nova_invalid(r, "length", length, "%lld is less than the minimum of -1", (long long)json_integer_value(length));
    return true;
}

static bool object_ok(struct req *r, const struct shape *f, const json_t *arg)
{
    const char *key;
    json_t *x;
    if (!texts_ok(r, f->key, arg) || (strcmp(f->key, "os-getConsoleOutput") == 0 && !length_ok(r, arg)))
        return false;
    for (size_t i = 0; i < sizeof(f->needed) / sizeof(f->needed[0]) && f->needed[i]; i++)
        if (!json_object_get(arg, f->needed[i]))
            return nova_invalid(r, f->key, arg, "'%s' is a required property", f->needed[i]);
    json_object_foreach((json_t *)arg, key, x) {
        size_t i = 0;
        while (i < sizeof(f->known) / sizeof(f->known[0]) && f->known[i] && strcmp(f->known[i], key) != 0)
            i++;
        bool unknown = i == sizeof(f->known) / sizeof(f->known[0]) || !f->known[i];
        if (unknown && f->from == 91) {                        /* one of two schemas, none of them fits */
            char *text = nova_repr(arg, false);
            nova_invalid(r, f->key, arg, "%s is not valid under any of the given schemas", text);
            free(text);
            return false;
        }
        if (unknown)
            return nova_invalid(r, f->key, arg, "Additional properties are not allowed ('%s' was unexpected)", key);
    }
    return true;
}

bool nova_shape_ok(struct req *r, const char *action, const json_t *arg)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        const struct shape *f = &shapes[i];
        if (strcmp(f->key, action) != 0 || !nova_at(r, f->from) || (f->until && nova_at(r, f->until + 1)))
            continue;
        if (json_is_object(arg))
            return object_ok(r, f, arg);
        if (json_is_null(arg) && f->null)
            return true;
        char *value = nova_repr(arg, false);
        nova_invalid(r, action, arg, f->null ? "%s is not of type 'object', 'null'" : "%s is not of type 'object'", value);
        free(value);
        return false;
    }
    return true;
}
