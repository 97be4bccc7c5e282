/* Lists and watches in chunks of every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/kinds/kube_common.h"
#include "strata/mem.h"

struct log {
    char text[4096];          /* "A:name " for each object */
    int code;
    size_t stop_after, n;
};

static bool on_object(void *arg, enum wire_event ev, const struct wire_obj *o, const char *raw, size_t len, int code)
{
    static const char letters[] = "IAMDBE";
    struct log *l = arg;
    const char *name = wire_str(wire_sub(o, OBJ_META), META_NAME);
    size_t at = strlen(l->text);
    assert_non_null(raw);
    assert_true(ev == WIRE_ERROR ? !o : o != NULL);
    if (name && ev != WIRE_BOOKMARK && ev != WIRE_ERROR)
        assert_non_null(memmem(raw, len, name, strlen(name)));
    if (ev == WIRE_BOOKMARK)
        name = kube_meta_rv(o);
    snprintf(l->text + at, sizeof l->text - at, "%c:%s ", letters[ev], name ? name : "-");
    l->code = code;
    return ++l->n != l->stop_after;
}
static const struct wire_stream_ops ops = {on_object};
static const struct wire_field fields[] = {F_MSG("metadata", 1, kube_meta)};
static const struct wire_schema sc = KUBE_SCHEMA(fields);

static struct wire_stream *feed(struct log *l, bool proto, bool watch, const char *data, size_t len, size_t chunk,
                                size_t max, enum err_code *code)
{
    struct err err = ERR_INIT;
    struct wire_stream *ws = wire_stream_new(&sc, proto, watch, max, &ops, l);
    assert_non_null(ws);
    for (size_t i = 0; i < len; i += chunk) {
        size_t n = len - i < chunk ? len - i : chunk;
        char *piece = mem_alloc(n);                       /* an exact heap copy: reading past it is seen */
        memcpy(piece, data + i, n);
        wire_stream_feed(ws, piece, n, &err);
        mem_free(piece);
    }
    if (err.code == ERR_OK)
        wire_stream_end(ws, &err);
    *code = err.code;
    return ws;
}

static enum err_code run(struct log *l, bool proto, bool watch, const char *data, size_t len, size_t chunk)
{
    enum err_code code;
    *l = (struct log){0};
    wire_stream_free(feed(l, proto, watch, data, len, chunk, 0, &code));
    return code;
}

static const char json_list[] =
    "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"77\",\"continue\":\"ct\","
    "\"remainingItemCount\":5},\"x\":[1,\"]\",{}],\"y\":-1.5e3 ,\"items\":[ {\"metadata\":{\"name\":\"a\"}} ,"
    "{\"spec\":{\"t\":\"}]\\\"\"},\"metadata\":{\"name\":\"b\"}},{\"metadata\":{\"name\":\"c\"}}],\"z\":null}\n";
#define ITEM(c) "\x12\x05\x0a\x03\x0a\x01" c
#define LIST_BODY "\x0a\x0a\x12\x02" "77" "\x1a\x02" "ct" "\x20\x05" ITEM("a") "\x2a\x03zzz\x30\x05" ITEM("b") "\x32\x00" ITEM("c")
static const char proto_list[] =
    "k8s\0\x0a\x0c\x0a\x02v1\x12\x06" "PdList" "\x12\x2a" LIST_BODY "\x1a\x00\x22\x00";

static const char json_watch[] =
    "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}\n"
    "{\"object\":{\"metadata\":{\"name\":\"b\",\"z\":\"\\\"}\"}},\"type\":\"MODIFIED\"}\r\n"
    "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"name\":\"c\"}}}{\"type\":\"BOOKMARK\",\"object\":"
    "{\"metadata\":{\"resourceVersion\":\"99\"}}}\n"
    "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"message\":\"too old\\u001b[1m\",\"code\":410}}\n";

/* Frames made by hand would hide the sense of the test in digits: built here. */
static size_t put_len(char *t, const char tag, const char *data, size_t len)
{
    t[0] = tag;
    t[1] = (char)len;                 /* all are shorter than 128 */
    memmove(t + 2, data, len);
    return len + 2;
}

static size_t put_event(char *t, const char *type, const char *object, size_t len)
{
    char raw[200], ev[200] = "k8s\0\x0a\x00";
    size_t n = 6 + put_len(ev + 6, 0x12, object, len);    /* runtime.Unknown */
    n = put_len(raw, 0x0a, ev, n);                        /* RawExtension */
    size_t at = put_len(ev, 0x0a, type, strlen(type));
    at += put_len(ev + at, 0x12, raw, n);
    t[0] = t[1] = t[2] = 0;
    t[3] = (char)at;
    memcpy(t + 4, ev, at);
    return at + 4;
}

static size_t build_watch(char *t)
{
    size_t n = put_event(t, "ADDED", "\x0a\x03\x0a\x01" "a", 5);
    n += put_event(t + n, "MODIFIED", "\x0a\x03\x0a\x01" "b", 5);
    memset(t + n, 0, 4);                                  /* an empty frame */
    n += 4;
    n += put_event(t + n, "DELETED", "\x0a\x03\x0a\x01" "c", 5);
    n += put_event(t + n, "BOOKMARK", "\x0a\x04\x32\x02" "99", 6);
    n += put_event(t + n, "ERROR", "\x1a\x0btoo old\x1b[1m\x30\x9a\x03", 16);
    return n;
}

static void lists_in_every_chunk_size(void **state)
{
    (void)state;
    for (int proto = 0; proto < 2; proto++) {
        const char *data = proto ? proto_list : json_list;
        size_t len = proto ? sizeof proto_list - 1 : sizeof json_list - 1;
        for (size_t chunk = 1; chunk <= len; chunk++) {
            struct log l = {0};
            enum err_code code;
            struct wire_stream *ws = feed(&l, proto, false, data, len, chunk, 0, &code);
            assert_int_equal(code, ERR_OK);
            assert_string_equal(l.text, "I:a I:b I:c ");
            assert_string_equal(wire_stream_rv(ws), "77");
            assert_string_equal(wire_stream_continue(ws), "ct");
            assert_int_equal(wire_stream_remaining(ws), 5);
            wire_stream_free(ws);
        }
    }
}

static void a_cut_list_is_never_whole(void **state)
{
    struct log l;
    (void)state;
    for (size_t n = 0; n < sizeof json_list - 2; n++)      /* the last byte is the newline */
        assert_int_equal(run(&l, false, false, json_list, n, 7), ERR_PROTO);
    size_t tail = 4;                                       /* two empty fields behind the list may be missing */
    for (size_t n = 0; n < sizeof proto_list - 1 - tail; n++)
        assert_int_equal(run(&l, true, false, proto_list, n, 7), ERR_PROTO);
}

static void watches_in_every_chunk_size(void **state)
{
    char frames[1024];
    size_t nframes = build_watch(frames);
    (void)state;
    for (int proto = 0; proto < 2; proto++) {
        const char *data = proto ? frames : json_watch;
        size_t len = proto ? nframes : sizeof json_watch - 1;
        for (size_t chunk = 1; chunk <= len; chunk++) {
            struct log l = {0};
            enum err_code code;
            struct wire_stream *ws = feed(&l, proto, true, data, len, chunk, 0, &code);
            assert_int_equal(code, ERR_OK);
            assert_string_equal(l.text, "A:a M:b D:c B:99 E:- ");
            assert_int_equal(l.code, 410);
            assert_string_equal(wire_stream_message(ws), "too old");       /* sanitised */
            wire_stream_free(ws);
        }
    }
    struct log l;
    assert_int_equal(run(&l, false, true, json_watch, 30, 30), ERR_PROTO);
    assert_int_equal(run(&l, true, true, frames, 30, 30), ERR_PROTO);
    assert_int_equal(run(&l, true, true, frames, 2, 30), ERR_PROTO);
    assert_int_equal(run(&l, true, true, "", 0, 1), ERR_OK);
}

static void empty_lists(void **state)
{
    static const char *const texts[] = {
        "{\"items\":[]}", "{\"items\":null,\"metadata\":{}}", "{\"items\":[ ] }", " {\"metadata\":null,\"items\":[]}",
    };
    struct log l;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t chunk = 1; chunk < 8; chunk++)
            assert_int_equal(run(&l, false, false, texts[i], strlen(texts[i]), chunk), ERR_OK);
        assert_string_equal(l.text, "");
    }
    assert_int_equal(run(&l, true, false, "k8s\0\x12\x00", 6, 1), ERR_OK);
    assert_int_equal(run(&l, true, false, "k8s\0\x12\x02\x0a\x00", 8, 3), ERR_OK);
}

static void not_a_list(void **state)
{
    static const char *const texts[] = {
        "<html>", "[]", "{}", "{\"a\":1}", "{\"items\":{}}", "{\"items\":[1]}", "{\"items\":[{},]}", "{\"items\":[{}{}]}",
        "{\"items\":[]}x", "{\"items\":[]}}", "{\"items\":[],}", "{,}", "{\"items\" []}", "{\"a\":,\"items\":[]}",
        "{\"items\":[}", "{\"items\":nul}", "{\"items\":[{\"metadata\":1}]}", "\"x\"", "{\"metadata\":7,\"items\":[]}",
    };
    struct log l;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t chunk = 1; chunk < 40; chunk += 38)
            assert_int_not_equal(run(&l, false, false, texts[i], strlen(texts[i]), chunk), ERR_OK);
    }
    assert_int_equal(run(&l, true, false, "{\"items\":[]}", 12, 5), ERR_PROTO);
    assert_int_equal(run(&l, true, false, "k8s\0\x0a\x00", 6, 5), ERR_PROTO);             /* no list in it */
    assert_int_equal(run(&l, true, false, "k8s\0\x12\x02\x12\x05", 8, 5), ERR_PROTO);     /* item beyond its list */
    assert_int_equal(run(&l, true, false, "k8s\0\x12\x01\x13", 7, 5), ERR_PROTO);
    assert_int_equal(run(&l, true, false, "k8s\0\x12\x03\x12\x01\x0a", 9, 5), ERR_PARSE); /* a broken item */
    assert_int_equal(run(&l, false, true, "{\"type\":\"WHAT\",\"object\":{}}", 27, 5), ERR_PROTO);
    assert_int_equal(run(&l, false, true, "{\"type\":\"ADDED\"}", 16, 5), ERR_PROTO);
    assert_int_equal(run(&l, false, true, "hello", 5, 5), ERR_PROTO);
    assert_int_equal(run(&l, true, true, "\0\0\0\x02\x0a\x05", 6, 6), ERR_PROTO);
}

static void objects_too_big(void **state)
{
    char text[2000], frame[] = "\x7f\xff\xff\xff" "x";
    struct log l = {0};
    enum err_code code;
    (void)state;
    snprintf(text, sizeof text, "{\"items\":[{\"metadata\":{\"name\":\"%0900d\"}}]}", 1);
    for (size_t chunk = 10; chunk < 2000; chunk += 1500) {
        wire_stream_free(feed(&l, false, false, text, strlen(text), chunk, 500, &code));
        assert_int_equal(code, ERR_TOOBIG);
        wire_stream_free(feed(&l, false, false, text, strlen(text), chunk, 2000, &code));
        assert_int_equal(code, ERR_OK);
    }
    wire_stream_free(feed(&l, true, true, frame, 5, 5, 0, &code));
    assert_int_equal(code, ERR_TOOBIG);
    wire_stream_free(feed(&l, true, false, "k8s\0\x12\xff\xff\xff\xff\x0f\x12\xff\xff\xff\xff\x07", 16, 3, 0, &code));
    assert_int_equal(code, ERR_TOOBIG);
}

static void stopping_is_final(void **state)
{
    struct log l = {.stop_after = 2};
    enum err_code code;
    (void)state;
    struct wire_stream *ws = feed(&l, false, false, json_list, sizeof json_list - 1, 9, 0, &code);
    assert_int_equal(code, ERR_CANCELED);
    assert_string_equal(l.text, "I:a I:b ");
    assert_int_equal(wire_stream_feed(ws, "x", 1, NULL), ERR_CANCELED);
    wire_stream_free(ws);
}

static void memory_ends(void **state)
{
    char frames[1024];
    size_t nframes = build_watch(frames);
    const char *data[] = {json_list, proto_list, json_watch, frames};
    size_t len[] = {sizeof json_list - 1, sizeof proto_list - 1, sizeof json_watch - 1, nframes};
    (void)state;
    for (int i = 0; i < 4; i++) {
        for (long n = 1;; n++) {
            struct log l = {0};
            struct err err = ERR_INIT;
            mem_fail_at(n, true);
            struct wire_stream *ws = wire_stream_new(&sc, i & 1, i & 2, 0, &ops, &l);
            for (size_t k = 0; ws && k < len[i]; k += 10)
                wire_stream_feed(ws, data[i] + k, len[i] - k < 10 ? len[i] - k : 10, &err);
            mem_fail_at(0, false);
            wire_stream_free(ws);
            if (ws && err.code == ERR_OK)
                break;
            assert_true(!ws || err.code == ERR_NOMEM || err.code == ERR_TOOBIG);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_in_every_chunk_size), cmocka_unit_test(a_cut_list_is_never_whole),
        cmocka_unit_test(watches_in_every_chunk_size), cmocka_unit_test(empty_lists), cmocka_unit_test(not_a_list),
        cmocka_unit_test(objects_too_big), cmocka_unit_test(stopping_is_final), cmocka_unit_test(memory_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
