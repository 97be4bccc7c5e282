/* strata layers: which cluster or cloud runs on which, and how well each is. */
#include <string.h>

#include "strata/tell.h"
#include "strata/world.h"
#include "tui/batch.h"

static void on_json(const struct tell *t, const struct layer_on *o, struct str *out)
{
    const struct source_info *s = t->source(t->arg, o->source);
    str_addf(out, "{\"class\":\"%c\"", link_class_letter(o->cls));
    json_text(out, "source", s ? s->name : "");
    str_addf(out, ",\"nodes\":%zu,\"apis\":%zu,\"hypervisors\":%zu,\"agents\":%zu,\"by_labels\":%zu,\"nodes_by_name\":%zu,\"by_api\":%s,\"few\":%s,\"old\":%s}", o->nodes, o->apis, o->hypervisors, o->agents, o->labels, o->named, o->api ? "true" : "false",
             o->few ? "true" : "false", o->old ? "true" : "false");
}

static void also_json(const struct tell *t, uint16_t source, struct str *out)
{
    for (uint16_t i = 0, n = 0; i < CORE_MAX_SOURCES; i++) {
        const struct source_info *s = t->source(t->arg, i);
        if (links_cluster(t->l, i) != source || !*links_same(t->l, i))
            continue;
        str_addf(out, "%s{\"by\":\"%s\"", n++ ? "," : "", links_same(t->l, i));
        json_text(out, "source", s ? s->name : "");
        str_addc(out, '}');
    }
}

static bool json(const struct tell *t, struct str *out)
{
    struct layers y;
    if (!layers_make(&y, t->l))
        return false;
    for (size_t i = 0; i < y.n; i++) {
        const struct layer *a = &y.layer[i];
        const struct source_info *s = t->source(t->arg, a->source);
        str_addf(out, "%s{\"level\":%u", i ? ",\n" : "[", a->level);
        json_text(out, "source", s ? s->name : "");
        json_text(out, "plane", a->plane == PLANE_KUBE ? "kubernetes" : "openstack");
        str_addf(out, ",\"box\":%u,\"nodes\":%zu,\"apis\":%zu,\"hypervisors\":%zu,\"servers\":%zu,\"red\":%zu,\"red_control_plane\":%zu,\"contradictory\":%zu,\"nodes_without_server\":%zu,\"lists\":%zu,\"lists_not_read\":%zu,\"runs_on\":[", a->box, a->nodes,
                 a->apis, a->hypervisors, a->servers, tell_layer_red(t, a), a->red_control, a->contradict, a->absent, a->lists, a->away);
        for (size_t k = 0; k < a->non; k++) {
            str_adds(out, k ? "," : "");
            on_json(t, &a->on[k], out);
        }
        str_adds(out, "],\"also\":[");
        also_json(t, a->source, out);
        str_addc(out, ']');
        struct why_cause cut;
        const struct why_cause *c = tell_layer_cause(t, a, &cut);
        if (c) {
            const struct row *r = links_row(t->l, c->hop[c->n - 1]);
            str_addf(out, ",\"cause\":{\"explains\":%zu", c->explains);
            json_text(out, "kind", r->kind->id);
            json_text(out, "source", tell_source(t, r));
            json_text(out, "scope", r->scope);
            json_text(out, "name", r->name);
            str_addc(out, '}');
        }
        str_addc(out, '}');
    }
    str_adds(out, y.n ? "]\n" : "[]\n");
    layers_free(&y);
    return !out->failed;
}

static void dot_node(const struct tell *t, uint16_t source, struct str *out)
{
    const struct source_info *s = t->source(t->arg, source);
    str_add_json(out, s ? s->name : "?", strlen(s ? s->name : "?"));
}

/* For Graphviz: an arrow to what it runs on. */
static bool dot(const struct tell *t, struct str *out)
{
    struct layers y;
    if (!layers_make(&y, t->l))
        return false;
    str_adds(out, "digraph layers {\n  rankdir=BT\n  node [shape=box]\n");
    for (size_t i = 0; i < y.n; i++) {
        const struct layer *a = &y.layer[i];
        str_adds(out, "  ");
        dot_node(t, a->source, out);
        size_t red = tell_layer_red(t, a);
        str_addf(out, " [xlabel=\"%s, %zu red%s\"%s]\n", a->plane == PLANE_KUBE ? "cluster" : "cloud", red, a->away_list && a->away == a->lists ? ", does not answer" : "",
                 red || a->away_list ? ",color=red" : "");
        for (size_t k = 0; k < a->non; k++) {
            str_adds(out, "  ");
            dot_node(t, a->source, out);
            str_adds(out, " -> ");
            dot_node(t, a->on[k].source, out);
            const struct layer_on *o = &a->on[k];
            str_addf(out, " [label=\"%zu nodes%s%s, %zu APIs, %zu hypervisors, %zu agents %c\"%s]\n", o->nodes + o->named, o->named ? " by name" : "", o->api ? ", API server there" : "", o->apis, o->hypervisors,
                     o->agents, link_class_letter(o->cls), o->few ? ",style=dotted" : "");
        }
    }
    str_adds(out, "}\n");
    layers_free(&y);
    return !out->failed;
}

void batch_layers(struct batch *b)
{
    const struct options *o = b->opt;
    struct tell t;
    struct str out;
    struct world *world = batch_world(b, &t);
    struct why_world causes = {0};
    str_init(&out, (size_t)1 << 24);
    if (t.l && !(out.failed = !why_all(&causes, t.l)))
        t.why = &causes;
    if (t.l && !out.failed)
        out.failed |= !(o->output && !strcmp(o->output, "dot") ? dot(&t, &out) : o->output && !strcmp(o->output, "json") ? json(&t, &out) : tell_layers(&t, &out));
    why_world_free(&causes);
    batch_world_end(b, world, &out);
}
