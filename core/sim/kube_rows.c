/* Rows, partial objects and long lists as text: most of it is there already, in the text of the object itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/kube_table.h"

#define AGE_MARK "\"\\u0001\""                                /* where the age goes, in cells that are kept */

/* The end of the value that begins at p: texts are json_dumps()', compact and sound. */
static const char *value_end(const char *p)
{
    int depth = 0;
    for (; *p; p++) {
        if (*p == '"') {
            for (p++; *p && *p != '"'; p++)
                p += *p == '\\' && p[1];
        } else if (*p == '{' || *p == '[') {
            depth++;
        } else if (*p == '}' || *p == ']') {
            if (!depth--)
                return p;
        } else if (*p == ',' && !depth) {
            return p;
        }
    }
    return p;
}

/* A member of the document as it stands there; NULL: it has none. */
static const char *member(const struct obj *o, const char *key, size_t *len)
{
    size_t n = strlen(key);
    for (const char *p = o->text + 1; *p == '"';) {
        const char *k = p + 1, *colon = k;
        for (; *colon && *colon != '"'; colon++)
            colon += *colon == '\\' && colon[1];
        const char *v = colon + 2, *e = value_end(v);
        if ((size_t)(colon - k) == n && memcmp(k, key, n) == 0) {
            *len = (size_t)(e - v);
            return v;
        }
        p = e + (*e == ',');
    }
    return NULL;
}

void kube_partial_text(const struct obj *o, struct str *out)
{
    size_t n = 0;
    const char *meta = member(o, "metadata", &n);
    str_adds(out, "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":");
    str_add(out, meta ? meta : "{}", meta ? n : 2);
    str_addc(out, '}');
}

/* The cells of a pod change only with the pod, but for its age and how long ago it was restarted. */
static void keep_cells(struct sim *s, struct obj *o)
{
    json_t *doc = obj_doc(o), *row = kube_table_row(s, o, INCLUDE_NONE), *cells = json_object_get(row, "cells");
    for (size_t i = 0; i < json_array_size(cells); i++)
        if (strcmp(i ? kube_columns(o->res)[i - 1].name : "", "Age") == 0)
            json_array_set_new(cells, i, json_string("\001"));
    char *text = json_dumps(cells, JSON_COMPACT), *mark = text ? strstr(text, AGE_MARK) : NULL;
    o->born = stamp_ms(jstr(doc, "metadata.creationTimestamp"));
    if (mark && !strstr(mark + 1, AGE_MARK) && !strstr(text, " ago)\""))
        o->cells = sim_strdup(text);
    json_text_free(text);
    json_decref(row);
    json_decref(doc);
}

void kube_row_text(struct sim *s, struct obj *o, enum include include, struct str *out)
{
    if (!o->cells && o->res->kind && strcmp(o->res->kind, "Pod") == 0 && strcmp(o->res->group, "") == 0)
        keep_cells(s, o);
    const char *mark = o->cells ? strstr(o->cells, AGE_MARK) : NULL;
    if (!mark) {
        char *text = jdump(kube_table_row(s, o, include));
        str_adds(out, text);
        json_text_free(text);
        return;
    }
    char age[32];
    kube_age(age, sizeof(age), sim_now(s) - o->born);
    str_adds(out, "{\"cells\":");
    str_add(out, o->cells, (size_t)(mark - o->cells));
    str_addf(out, "\"%s\"%s", o->born < 0 ? "<unknown>" : age, mark + strlen(AGE_MARK));
    if (include != INCLUDE_NONE)
        str_adds(out, ",\"object\":");
    if (include == INCLUDE_OBJECT)
        str_add(out, o->text, o->len);
    else if (include == INCLUDE_METADATA)
        kube_partial_text(o, out);
    str_addc(out, '}');
}

static void view_text(const struct res *view, const struct obj *o, struct str *out)
{
    json_t *doc = obj_doc(o);
    kube_view_out(view, doc);
    char *text = jdump(doc);
    str_adds(out, text);
    json_text_free(text);
}

void kube_item_text(struct sim *s, struct obj *o, const struct form *f, struct str *out)
{
    if (f->table)
        kube_row_text(s, o, f->include, out);
    else if (f->partial)
        kube_partial_text(o, out);
    else if (f->view)
        view_text(f->view, o, out);
    else
        str_add(out, o->text, o->len);
}

struct form kube_form(const struct req *r)
{
    return (struct form){.table = kube_wants_table(r), .partial = kube_wants_partial(r), .include = kube_include(r), .view = r->view};
}
