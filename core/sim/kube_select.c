/* Selectors: labels by the grammar of the API server, fields by what each kind has indexed, LabelSelector documents. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_sim.h"

/* ---- label selectors as text ---- */
struct lexer {
    const char *at;
    char tok[512];                                             /* "" at the end */
    char kind;                                                 /* i identifier, e end, else an operator's first character; 'I' in, 'N' notin */
    char *fault;
    size_t size;
};

static void advance(struct lexer *x, bool operators)
{
    size_t n = 0;
    while (*x->at == ' ' || *x->at == '\t' || *x->at == '\n' || *x->at == '\r')
        x->at++;
    if (!*x->at) {
        x->kind = 'e';
    } else if (strchr("(),", *x->at)) {
        x->kind = *x->at;
        n = 1;
    } else if (strchr("=!<>", *x->at)) {
        n = 1 + ((x->at[0] == '=' || x->at[0] == '!') && x->at[1] == '=');
        x->kind = x->at[0] == '!' && n == 1 ? '!' : x->at[0] == '!' ? '#' : x->at[0];
    } else {
        n = strcspn(x->at, " \t\r\n(),=!<>");
        x->kind = 'i';
        if (operators && n == 2 && memcmp(x->at, "in", 2) == 0)
            x->kind = 'I';
        if (operators && n == 5 && memcmp(x->at, "notin", 5) == 0)
            x->kind = 'N';
    }
    n = n < sizeof(x->tok) ? n : sizeof(x->tok) - 1;
    memcpy(x->tok, x->at, n);
    x->tok[n] = 0;
    x->at += n;
}

static int wrong(struct lexer *x, const char *expected)
{
    snprintf(x->fault, x->size, "unable to parse requirement: found '%.100s'%s", x->tok, expected);
    return -1;
}

/* (a,b,...): 1 when the value is among them. */
static int value_set(struct lexer *x, const char *have)
{
    int found = 0;
    advance(x, false);
    if (x->kind != '(')
        return wrong(x, " expected: '('");
    for (advance(x, false); x->kind == 'i' || x->kind == ',';) {
        bool empty = x->kind == ',';
        found = found || (have && strcmp(empty ? "" : x->tok, have) == 0);
        if (!empty)
            advance(x, false);
        if (x->kind == ',')
            advance(x, false);
    }
    if (x->kind != ')')
        return wrong(x, ", expected: ',', ')' or identifier");
    advance(x, false);
    return found;
}

/* One requirement, the current token is its first; leaves the one after it current. -1: not understood. */
static int requirement(struct lexer *x, const json_t *labels)
{
    char key[512];
    bool not = x->kind == '!';
    if (not)
        advance(x, false);
    if (x->kind != 'i')
        return wrong(x, ", expected: identifier");
    snprintf(key, sizeof(key), "%s", x->tok);
    const char *have = json_string_value(json_object_get(labels, key));
    advance(x, true);
    if (x->kind == 'e' || x->kind == ',')
        return not ? !have : have != NULL;
    if (not)
        return wrong(x, ", expected: ',' or 'end of string'");
    char op = x->kind;
    if (op == 'I' || op == 'N') {
        int in = value_set(x, have);
        return in < 0 ? -1 : op == 'I' ? in : !in;
    }
    if (!strchr("=#<>", op))
        return wrong(x, ", expected: in, notin, =, ==, !=, gt, lt");
    char value[512] = "";
    advance(x, false);
    if (x->kind == 'i') {
        snprintf(value, sizeof(value), "%s", x->tok);
        advance(x, false);
    } else if (x->kind != 'e' && x->kind != ',') {
        return wrong(x, ", expected: identifier");
    }
    if (op == '<' || op == '>')
        return have && (op == '<' ? atoll(have) < atoll(value) : atoll(have) > atoll(value));
    bool same = have && strcmp(have, value) == 0;
    return op == '=' ? same : !same;
}

bool kube_match_labels(const char *selector, const json_t *labels, char *fault, size_t size)
{
    struct lexer x = {.at = selector, .fault = fault, .size = size};
    bool all = true;
    advance(&x, false);
    if (x.kind != 'i' && x.kind != '!' && x.kind != 'e')
        return wrong(&x, ", expected: !, identifier, or 'end of string'") > 0;
    while (x.kind != 'e') {
        int ok = requirement(&x, labels);
        if (ok < 0)
            return false;
        all = all && ok;
        if (x.kind == 'e')
            break;
        if (x.kind != ',')
            return wrong(&x, ", expected: ',' or 'end of string'") > 0;
        advance(&x, false);
        if (x.kind != 'i' && x.kind != '!')
            return wrong(&x, ", expected: identifier after ','") > 0;
    }
    return all;
}

/* ---- label selectors as documents ---- */
static bool among(const json_t *values, const char *have)
{
    for (size_t i = 0; i < json_array_size(values); i++)
        if (have && strcmp(json_string_value(json_array_get(values, i)), have) == 0)
            return true;
    return false;
}

bool kube_selector_matches(const json_t *sel, const json_t *labels)
{
    json_t *want = json_object_get(sel, "matchLabels"), *exprs = json_object_get(sel, "matchExpressions"), *v;
    const char *key;
    size_t i;
    json_object_foreach(want, key, v) {
        const char *have = json_string_value(json_object_get(labels, key));
        if (!have || strcmp(have, json_string_value(v)) != 0)
            return false;
    }
    json_array_foreach(exprs, i, v) {
        const char *op = jstr(v, "operator"), *have = json_string_value(json_object_get(labels, jstr(v, "key")));
        bool in = among(jat(v, "values"), have);
        if (strcmp(op, "In") == 0 ? !in : strcmp(op, "NotIn") == 0 ? in : strcmp(op, "Exists") == 0 ? !have : have != NULL)
            return false;
    }
    return true;
}

/* ---- field selectors ---- */
static const struct { const char *plural, *field; } fields[] = {
    {"pods", "spec.nodeName"}, {"pods", "spec.restartPolicy"}, {"pods", "spec.schedulerName"}, {"pods", "spec.serviceAccountName"},
    {"pods", "spec.hostNetwork"}, {"pods", "status.phase"}, {"pods", "status.podIP"}, {"pods", "status.nominatedNodeName"},
    {"nodes", "spec.unschedulable"}, {"events", "involvedObject.kind"}, {"events", "involvedObject.namespace"}, {"events", "involvedObject.name"},
    {"events", "involvedObject.uid"}, {"events", "involvedObject.apiVersion"}, {"events", "involvedObject.resourceVersion"},
    {"events", "involvedObject.fieldPath"}, {"events", "reason"}, {"events", "reportingComponent"}, {"events", "source"}, {"events", "type"},
    {"namespaces", "status.phase"}, {"secrets", "type"}, {"services", "spec.clusterIP"}, {"services", "spec.type"}, {"jobs", "status.successful"},
    {"replicasets", "status.replicas"}, {"replicationcontrollers", "status.replicas"}, {"certificatesigningrequests", "spec.signerName"},
};

static bool has_fields(const struct res *res)
{
    bool found = res->flags & KIND_CUSTOM;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        found = found || strcmp(fields[i].plural, res->plural) == 0;
    return found;
}

/* The value of a field as the selector compares it; NULL: this kind has no such field. */
static const char *field_value(const struct obj *o, json_t **doc, const char *field, char buf[32])
{
    if (strcmp(field, "metadata.name") == 0)
        return o->name;
    if (strcmp(field, "metadata.namespace") == 0)
        return o->ns;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (strcmp(fields[i].field, field) != 0 || strcmp(fields[i].plural, o->res->plural) != 0)
            continue;
        if (strcmp(field, "spec.nodeName") == 0)
            return o->node;
        if (!*doc)
            *doc = obj_doc(o);
        const json_t *v = jat(*doc, strcmp(field, "source") == 0 ? "source.component" : field);
        if (json_is_integer(v))
            snprintf(buf, 32, "%lld", (long long)json_integer_value(v));
        else if (json_is_boolean(v) || strcmp(field, "spec.unschedulable") == 0 || strcmp(field, "spec.hostNetwork") == 0)
            snprintf(buf, 32, "%s", json_is_true(v) ? "true" : "false");
        else
            return json_is_string(v) ? json_string_value(v) : "";
        return buf;
    }
    return NULL;
}

bool kube_match_fields(const char *selector, const struct obj *o, char *fault, size_t size)
{
    bool all = true;
    json_t *doc = NULL;
    while (*selector) {
        size_t n = strcspn(selector, ",");
        char part[512], buf[32], *eq;
        snprintf(part, sizeof(part), "%.*s", (int)n, selector);
        selector += n + (selector[n] == ',');
        if (!*part)
            continue;
        if (!(eq = strchr(part, '='))) {
            snprintf(fault, size, "invalid selector: '%.100s'; can't understand '%.100s'", part, part);
            all = false;
            break;
        }
        bool not = eq > part && eq[-1] == '!';
        const char *value = eq + 1 + (eq[1] == '=');
        *(not ? eq - 1 : eq) = 0;
        const char *have = field_value(o, &doc, part, buf);
        if (!have) {
            if (has_fields(o->res))
                snprintf(fault, size, "field label not supported: %s", part);
            else
                snprintf(fault, size, "\"%s\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"", part);
            all = false;
            break;
        }
        all = all && (strcmp(have, value) == 0) != not;
    }
    json_decref(doc);
    return all;
}

bool kube_chosen(const struct select *q, const struct obj *o, char *fault, size_t size)
{
    if (*q->ns && strcmp(q->ns, o->ns) != 0)
        return false;
    if (q->name && strcmp(q->name, o->name) != 0)
        return false;
    if (q->labels && *q->labels && !kube_match_labels(q->labels, o->labels, fault, size))
        return false;
    return !q->fields || !*q->fields || kube_match_fields(q->fields, o, fault, size);
}

bool kube_understood(struct res *res, const char *labels, const char *sel, char *fault, size_t size)
{
    char none[] = "", text[] = "{}";
    struct obj probe = {.refs = 1, .res = res, .ns = none, .name = none, .uid = none, .node = none, .owner_uid = none, .text = text, .len = 2};
    if (labels && *labels)
        kube_match_labels(labels, NULL, fault, size);
    if (!*fault && sel && *sel)
        kube_match_fields(sel, &probe, fault, size);
    return !*fault;
}
