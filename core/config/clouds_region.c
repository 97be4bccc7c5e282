/* A cloud's settings before the fix-ups (defaults, profile, entry) and the regions it has. */
#include <stdio.h>
#include <string.h>

#include "core/config/cfile.h"
#include "core/config/clouds_tree.h"

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, 0, "out of memory");
}

/* The entry of a cloud; ERR_NOTFOUND names the known ones. */
static enum err_code entry(const struct clouds *c, const char *name, const struct yaml_node **out, struct err *err)
{
    *out = yaml_get(c->clouds, name);
    if (!*out) {
        struct str known;
        str_init(&known, 200);
        for (size_t i = 0; i < c->names.count; i++)
            str_addf(&known, "%s%s", i ? ", " : "", c->names.items[i]);
        enum err_code rc = cfile_error(err, ERR_NOTFOUND, "cloud \"%s\" is not there; known: %s%s", name, known.len ? known.data : "none",
                                   known.failed ? " ..." : "");
        str_release(&known);
        return rc;
    }
    if ((*out)->type != YAML_MAP)
        return cfile_error(err, ERR_CONFIG, "%s:%d: cloud \"%s\" must be a mapping, not %s", c->file ? c->file : "clouds.yaml", (*out)->line,
                       name, yaml_type_name((*out)->type));
    return ERR_OK;
}

static enum err_code expand_profile(const struct clouds *c, struct arena *a, struct yaml_node *into, const struct yaml_node *own,
                                    struct err *err)
{
    const struct yaml_node *p = yaml_get(own, "profile") ? yaml_get(own, "profile") : yaml_get(own, "cloud");
    if (!yaml_scalar(p) || p->type == YAML_NULL || !p->len || !strcmp(p->text, c->env_name))
        return ERR_OK;
    if (c->vendor_err.code)
        return err_set(err, c->vendor_err.code, 0, "%s", c->vendor_err.msg);
    const struct yaml_node *profile = yaml_get(yaml_get(c->vendor.root, "public-clouds"), p->text);
    if (yaml_is(profile, YAML_MAP))
        return tree_update(a, into, profile, false) ? ERR_OK : no_memory(err);
    /* As openstacksdk does, go on without; a missing auth_url is then what stops it. */
    return ERR_OK;
}

enum err_code clouds_base(const struct clouds *c, struct arena *a, const char *name, struct yaml_node **out, struct err *err)
{
    const struct yaml_node *own;
    enum err_code rc = entry(c, name, &own, err);
    if (rc)
        return rc;
    struct yaml_node *cloud = *out = yaml_new(a, YAML_MAP, own->line);
    if (!cloud || !clouds_add_defaults(a, cloud))
        return no_memory(err);
    if ((rc = expand_profile(c, a, cloud, own, err)))
        return rc;
    if (!yaml_is(yaml_get(cloud, "auth"), YAML_MAP) && !tree_set(a, cloud, "auth", yaml_new(a, YAML_MAP, own->line)))
        return no_memory(err);
    if (!tree_update(a, cloud, own, false))
        return no_memory(err);
    tree_del(cloud, "cloud");
    return ERR_OK;
}

static bool add_region(struct arena *a, struct yaml_node *list, const char *name, size_t len, struct yaml_node *values, int line)
{
    struct yaml_node *region = yaml_new(a, YAML_MAP, line);
    return region && list && tree_set(a, region, "name", yaml_new_text(a, name, len, line)) && tree_set(a, region, "values", values) &&
           yaml_append(a, list, NULL, region);
}

static enum err_code expand(struct arena *a, const struct yaml_node *regions, const char *file, struct yaml_node *out, struct err *err)
{
    for (const struct yaml_item *i = regions->first; i; i = i->next) {
        const struct yaml_node *r = i->value;
        struct yaml_node *values = yaml_get(r, "values"), *name = yaml_get(r, "name");
        bool odd = false;
        if (r->type == YAML_MAP)
            for (const struct yaml_item *k = r->first; k; k = k->next)
                odd = odd || (strcmp(k->key->text, "name") != 0 && strcmp(k->key->text, "values") != 0);
        if (r->type == YAML_SEQ || r->type == YAML_NULL || (r->type == YAML_MAP && (odd || !yaml_scalar(name))))
            return cfile_error(err, ERR_CONFIG, "%s:%d: a region is a name, or a mapping of name and values", file ? file : "clouds.yaml", r->line);
        if (r->type != YAML_MAP)
            name = i->value;
        if (!yaml_is(values, YAML_MAP))
            values = yaml_new(a, YAML_MAP, r->line);
        if (!values || !add_region(a, out, name->text, name->len, values, r->line))
            return no_memory(err);
    }
    return ERR_OK;
}

enum err_code clouds_known_regions(const struct clouds *c, struct arena *a, const char *name, struct yaml_node **out, struct err *err)
{
    const struct yaml_node *own;
    enum err_code rc = entry(c, name, &own, err);
    if (rc)
        return rc;
    struct yaml_node *list = *out = yaml_new(a, YAML_SEQ, own->line), *normal = tree_normalize(a, own), *none = yaml_new(a, YAML_MAP, own->line);
    if (!list || !normal || !none)
        return no_memory(err);
    const struct yaml_node *regions = yaml_get(normal, "regions"), *one = yaml_get(normal, "region_name");
    if (regions && regions->type == YAML_SEQ)
        return expand(a, regions, c->file, list, err);
    if (regions && regions->type != YAML_NULL)
        return cfile_error(err, ERR_CONFIG, "%s:%d: regions must be a list", c->file ? c->file : "clouds.yaml", regions->line);
    if (yaml_is(one, YAML_SEQ))
        return expand(a, one, c->file, list, err);
    if (yaml_scalar(one) && one->type != YAML_NULL) {
        for (const char *p = one->text;; p += strcspn(p, ",") + 1) {
            size_t n = strcspn(p, ",");
            if (!add_region(a, list, p, n, none, one->line))
                return no_memory(err);
            if (!p[n])
                return ERR_OK;
        }
    }
    struct yaml_node *profile = yaml_new(a, YAML_MAP, own->line);
    if (!profile)
        return no_memory(err);
    if ((rc = expand_profile(c, a, profile, own, err)))
        return rc;
    regions = yaml_get(profile, "regions");
    if (yaml_is(regions, YAML_SEQ) && regions->count)
        return expand(a, regions, c->file, list, err);
    const char *text = tree_text(profile, "region_name");
    return text && *text && !add_region(a, list, text, strlen(text), none, own->line) ? no_memory(err) : ERR_OK;
}

enum err_code clouds_regions(const struct clouds *c, const char *name, struct strlist *out, struct err *err)
{
    struct arena a;
    struct yaml_node *regions;
    arena_init(&a, 0);
    enum err_code rc = clouds_known_regions(c, &a, name, &regions, err);
    for (const struct yaml_item *i = rc ? NULL : regions->first; i && !rc; i = i->next) {
        const char *text = tree_text(i->value, "name");
        if (text && *text && !strlist_add(out, text, strlen(text)))
            rc = no_memory(err);
    }
    arena_release(&a);
    return rc;
}
