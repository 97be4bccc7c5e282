/* Files to and from a container: what the two ends mean, and archives that want out of the folder they go to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/copy.h"
#include "strata/mem.h"
#include "strata/str.h"

struct world {
    char top[64], in[80];                /* in: the folder it goes to, in top */
    int fd;
    struct str stream, notes;
    struct archive *a;
    size_t at, piece;
    bool breaks;
    struct copy_tally t;
    struct err err;
};

static la_ssize_t collect(struct archive *a, void *arg, const void *data, size_t len)
{
    (void)a;
    str_add(arg, data, len);
    return (la_ssize_t)len;
}

static int begin(void **state)
{
    struct world *w = mem_zalloc(sizeof *w);
    snprintf(w->top, sizeof w->top, "/tmp/strata-copy-XXXXXX");
    assert_non_null(mkdtemp(w->top));
    snprintf(w->in, sizeof w->in, "%s/in", w->top);
    assert_int_equal(mkdir(w->in, 0755), 0);
    w->fd = open(w->in, O_RDONLY | O_DIRECTORY);
    w->piece = 700;
    str_init(&w->stream, 0);
    str_init(&w->notes, 0);
    w->a = archive_write_new();
    archive_write_set_format_gnutar(w->a);
    assert_int_equal(archive_write_open(w->a, &w->stream, NULL, collect, NULL), ARCHIVE_OK);
    *state = w;
    return 0;
}

static int finish(void **state)
{
    struct world *w = *state;
    char command[100];
    archive_write_free(w->a);
    close(w->fd);
    str_release(&w->stream);
    str_release(&w->notes);
    snprintf(command, sizeof command, "rm -rf %s", w->top);
    assert_int_equal(system(command), 0);
    mem_free(w);
    return 0;
}

/* type: 'f' file of `text`, 'd' folder, 'l' link to `text`, 'h' another name of `text`, 'c' device, 'p' pipe */
static void put(struct world *w, char type, const char *name, const char *text)
{
    struct archive_entry *e = archive_entry_new();
    static const struct { char type; unsigned mode; } types[] = {{'f', AE_IFREG}, {'d', AE_IFDIR}, {'l', AE_IFLNK}, {'h', AE_IFREG}, {'c', AE_IFCHR}, {'p', AE_IFIFO}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type)
            archive_entry_set_filetype(e, types[i].mode);
    archive_entry_set_pathname(e, name);
    archive_entry_set_perm(e, type == 'd' ? 0555 : 06755);
    archive_entry_set_size(e, type == 'f' ? (la_int64_t)strlen(text) : 0);
    if (type == 'l')
        archive_entry_set_symlink(e, text);
    if (type == 'h')
        archive_entry_set_hardlink(e, text);
    assert_int_equal(archive_write_header(w->a, e), ARCHIVE_OK);
    if (type == 'f')
        archive_write_data(w->a, text, strlen(text));
    archive_entry_free(e);
}

static long next(void *arg, const void **data, struct err *err)
{
    struct world *w = arg;
    size_t left = w->stream.len - w->at, n = left < w->piece ? left : w->piece;
    if (!n && w->breaks) {
        err_set(err, ERR_NET, 0, "the line is dead");
        return -1;
    }
    *data = w->stream.data + w->at;
    w->at += n;
    return (long)n;
}

static void note(void *arg, const char *sentence)
{
    struct world *w = arg;
    str_addf(&w->notes, "%s\n", sentence);
}

static enum err_code unpack(struct world *w, bool force)
{
    struct copy_io io = {.read = next, .note = note, .arg = w};
    archive_write_close(w->a);
    w->at = 0;
    str_clear(&w->notes);
    w->err = (struct err)ERR_INIT;
    return copy_unpack(&io, w->fd, "src", "dst", force, &w->t, &w->err);
}

static void holds(struct world *w, const char *name, const char *text)
{
    char path[200], got[200] = "";
    snprintf(path, sizeof path, "%s/%s", w->in, name);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(got, text);
}

static bool there(struct world *w, const char *name)
{
    struct stat st;
    return fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Nothing is in top but the folder, no file of ours is left over anywhere. */
static void nothing_outside(struct world *w)
{
    char command[300];
    snprintf(command, sizeof command, "test \"$(ls -A %s)\" = in -a -z \"$(find %s -name .strata-part)\"", w->top, w->top);
    assert_int_equal(system(command), 0);
}

static void good(void **state)
{
    struct world *w = *state;
    struct stat st;
    put(w, 'd', "src/", NULL);
    put(w, 'f', "src/a", "one");
    put(w, 'f', "./src//deep/./b", "two");            /* its folders were never told */
    put(w, 'l', "src/deep/up", "../a");
    put(w, 'h', "src/again", "src/a");
    put(w, 'f', "src/empty", "");
    assert_int_equal(unpack(w, false), ERR_OK);
    holds(w, "dst/a", "one");
    holds(w, "dst/deep/b", "two");
    holds(w, "dst/deep/up", "one");
    holds(w, "dst/again", "one");
    holds(w, "dst/empty", "");
    assert_int_equal(fstatat(w->fd, "dst/a", &st, 0), 0);
    assert_int_equal(st.st_mode & 07022, 0);          /* no set-uid, and what umask takes */
    assert_true(st.st_mode & 0100);
    assert_int_equal(w->t.files, 4);
    assert_int_equal(w->t.links, 1);
    assert_int_equal(w->t.bytes, 6);
    assert_int_equal(w->t.left_out, 0);
    nothing_outside(w);
}

/* As in an archive that was added to. */
static void another_name_again(void **state)
{
    struct world *w = *state;
    put(w, 'f', "src/a", "one");
    put(w, 'h', "src/b", "src/a");
    put(w, 'h', "src/b", "src/a");
    assert_int_equal(unpack(w, true), ERR_OK);
    holds(w, "dst/b", "one");
    assert_int_equal(w->t.files, 3);
    nothing_outside(w);
}

static void what_another_copy_writes_stays(void **state)
{
    struct world *w = *state;
    put(w, 'f', "src/a", "one");
    put(w, 'h', "src/d/b", "src/a");
    assert_int_equal(mkdirat(w->fd, "dst", 0755) | mkdirat(w->fd, "dst/d", 0755), 0);
    close(openat(w->fd, "dst/d/.strata-part", O_WRONLY | O_CREAT, 0600));
    assert_int_equal(unpack(w, true), ERR_CONFLICT);
    assert_non_null(strstr(w->err.msg, "another copy writes into the same folder"));
    assert_true(there(w, "dst/d/.strata-part"));
}

static void names_that_lead_out(void **state)
{
    struct world *w = *state;
    put(w, 'f', "../evil", "x");
    put(w, 'f', "src/../../evil", "x");
    put(w, 'f', "src/..", "x");
    put(w, 'f', "/tmp/strata-evil", "x");
    put(w, 'f', "other", "x");
    put(w, 'f', "src/\033[2Jq", "fine");
    assert_int_equal(unpack(w, true), ERR_OK);
    assert_int_equal(w->t.files, 1);
    assert_int_equal(w->t.left_out, 5);
    assert_non_null(strstr(w->notes.data, "leads out of the folder"));
    assert_non_null(strstr(w->notes.data, "root of this machine"));
    assert_non_null(strstr(w->notes.data, "left out other: it was not asked for"));
    assert_int_not_equal(access("/tmp/strata-evil", F_OK), 0);
    assert_false(there(w, "other"));
    nothing_outside(w);
}

static void links_that_lead_out(void **state)
{
    struct world *w = *state;
    char outside[100];
    snprintf(outside, sizeof outside, "%s", w->top);
    put(w, 'l', "src/abs", outside);
    put(w, 'l', "src/up", "../..");
    put(w, 'l', "src/one", "..");                     /* above what was copied */
    put(w, 'l', "src/self", ".");
    put(w, 'l', "src/chain", "self/self/../../..");   /* by its words within, in truth not */
    put(w, 'l', "src/d/ok", "../self");
    put(w, 'l', "src/d/far", "../../in");
    put(w, 'l', "src/d/back", "ok/..");               /* one folder up from src/d is src, from where ok leads to it is not */
    assert_int_equal(unpack(w, false), ERR_OK);
    assert_int_equal(w->t.links, 2);
    assert_int_equal(w->t.left_out, 6);
    assert_true(there(w, "dst/self") && there(w, "dst/d/ok"));
    nothing_outside(w);
}

static void a_file_through_a_link(void **state)
{
    struct world *w = *state;
    char link[200];
    put(w, 'f', "src/out/evil", "x");
    assert_int_equal(mkdirat(w->fd, "dst", 0755), 0);
    snprintf(link, sizeof link, "%s/dst/out", w->in);
    assert_int_equal(symlink("../..", link), 0);      /* it was there before: the user's own */
    assert_int_equal(unpack(w, true), ERR_CONFLICT);
    assert_non_null(strstr(w->err.msg, "dst/out/evil cannot be written"));
    nothing_outside(w);
}

/* A link at the place of a file is replaced, never written through. */
static void a_link_in_place_of_the_file(void **state)
{
    struct world *w = *state;
    struct stat st;
    char victim[200];
    snprintf(victim, sizeof victim, "%s/victim", w->in);
    FILE *f = fopen(victim, "we");
    assert_true(f && fputs("precious", f) >= 0 && fclose(f) == 0);
    assert_int_equal(symlinkat("victim", w->fd, "dst"), 0);
    put(w, 'f', "src", "new");
    assert_int_equal(unpack(w, false), ERR_CONFLICT);
    assert_non_null(strstr(w->err.msg, "--force"));
    assert_int_equal(unpack(w, true), ERR_OK);
    holds(w, "victim", "precious");
    holds(w, "dst", "new");
    assert_int_equal(fstatat(w->fd, "dst", &st, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(S_ISREG(st.st_mode));
    nothing_outside(w);
}

static void hard_links_out_and_devices(void **state)
{
    struct world *w = *state;
    put(w, 'h', "src/passwd", "/etc/passwd");
    put(w, 'h', "src/up", "../in");
    put(w, 'h', "src/none", "src/never");
    put(w, 'c', "src/null", NULL);
    put(w, 'p', "src/pipe", NULL);
    put(w, 'f', "src/.strata-part", "x");
    put(w, 'f', "src/fine", "x");
    assert_int_equal(unpack(w, false), ERR_OK);
    assert_int_equal(w->t.left_out, 6);
    assert_false(there(w, "dst/passwd") || there(w, "dst/up") || there(w, "dst/none") || there(w, "dst/null") || there(w, "dst/pipe"));
    holds(w, "dst/fine", "x");
    nothing_outside(w);
}

/* Cut anywhere: never a part of a file, never more than was told, an end that is no success unless it was between files. */
static void cut_in_the_middle(void **state)
{
    struct world *w = *state;
    char big[5000];
    memset(big, 'b', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    put(w, 'f', "src/a", "one");
    put(w, 'f', "src/b", big);
    archive_write_close(w->a);
    w->stream.len = 1024 + 512 + 2000;
    assert_int_equal(unpack(w, false), ERR_PROTO);
    holds(w, "dst/a", "one");
    assert_false(there(w, "dst/b"));
    w->breaks = true;                                 /* and when the line itself says so, its words are kept */
    assert_int_equal(unpack(w, true), ERR_NET);
    assert_string_equal(w->err.msg, "the line is dead");
    assert_false(there(w, "dst/b"));
    w->stream.len = 1024;
    assert_int_equal(unpack(w, true), ERR_NET);
    nothing_outside(w);
}

static void huge_and_damaged(void **state)
{
    struct world *w = *state;
    put(w, 'f', "src", "short");
    archive_write_close(w->a);
    memcpy(w->stream.data + 124, "\x80\0\0\0\x3f\xff\xff\xff\xff\xff\xff\xff", 12);      /* 4 EiB, it says */
    memset(w->stream.data + 148, ' ', 8);
    unsigned sum = 0;
    for (size_t i = 0; i < 512; i++)
        sum += (unsigned char)w->stream.data[i];
    snprintf(w->stream.data + 148, 8, "%06o", sum);
    assert_int_equal(unpack(w, false), ERR_PROTO);
    assert_false(there(w, "dst"));
    memset(w->stream.data, 'z', w->stream.len);
    assert_int_equal(unpack(w, false), ERR_PROTO);
    w->stream.len = 0;
    assert_int_equal(unpack(w, false), ERR_OK);       /* nothing came: the caller says so */
    assert_int_equal(w->t.files, 0);
    nothing_outside(w);
}

/* ---- packing ---- */

static bool take(void *arg, const void *data, size_t len, struct err *err)
{
    struct world *w = arg;
    if (w->breaks)
        err_set(err, ERR_NET, 0, "the line is dead");
    return !w->breaks && str_add(&w->stream, data, len);
}

static void there_and_back(void **state)
{
    struct world *w = *state;
    char path[200], deep[200], bytes[] = "\0\1\377 and\n";
    struct copy_io io = {.write = take, .note = note, .arg = w};
    assert_int_equal(mkdirat(w->fd, "src", 0755), 0);
    assert_int_equal(mkdirat(w->fd, "src/sub", 0755), 0);
    int fd = openat(w->fd, "src/sub/bin", O_WRONLY | O_CREAT, 0640);
    assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
    close(fd);
    assert_int_equal(symlinkat("sub/bin", w->fd, "src/link"), 0);
    assert_int_equal(mkfifoat(w->fd, "src/pipe", 0600), 0);
    memset(deep, 'n', 180);
    memcpy(deep, "src/", 4);
    deep[180] = '\0';
    close(openat(w->fd, deep, O_WRONLY | O_CREAT, 0600));
    snprintf(path, sizeof path, "%s/src", w->in);
    w->stream.len = 0;
    assert_int_equal(copy_pack(&io, path, "src", &w->t, &w->err), ERR_OK);
    assert_int_equal(w->t.files, 2);
    assert_int_equal(w->t.dirs, 2);
    assert_int_equal(w->t.links, 1);
    assert_int_equal(w->t.left_out, 1);
    assert_non_null(strstr(w->notes.data, "left out src/pipe"));
    struct copy_io back = {.read = next, .note = note, .arg = w};
    assert_int_equal(copy_unpack(&back, w->fd, "src", "dst", false, &w->t, &w->err), ERR_OK);
    assert_int_equal(w->t.files, 2);
    assert_int_equal(w->t.left_out, 0);
    char got[sizeof bytes + 1];
    fd = openat(w->fd, "dst/link", O_RDONLY);
    assert_int_equal(read(fd, got, sizeof got), sizeof bytes);
    assert_memory_equal(got, bytes, sizeof bytes);
    close(fd);
    memcpy(deep, "dst/", 4);
    assert_true(there(w, deep));
    w->breaks = true;
    assert_int_equal(copy_pack(&io, path, "src", &w->t, &w->err), ERR_NET);
    snprintf(path, sizeof path, "%s/none", w->in);
    assert_int_equal(copy_pack(&io, path, "src", &w->t, &w->err), ERR_IO);
}

static void ends(void **state)
{
    static const struct { const char *text, *ns, *pod, *path; } rows[] = {
        {"web-0:/etc/hosts", "", "web-0", "/etc/hosts"}, {"shop/web-0:rel", "shop", "web-0", "rel"}, {"web.x-0:a:b", "", "web.x-0", "a:b"},
        {"./a:b", "", "", "./a:b"}, {"/a:b", "", "", "/a:b"}, {"../a:b", "", "", "../a:b"}, {"plain", "", "", "plain"}, {"a/b/c:d", "", "", "a/b/c:d"},
        {"C:\\x", "", "", "C:\\x"}, {":x", "", "", ":x"}, {"a.b/web:x", "a.b", "web", "x"}, {"-x:y", "", "", "-x:y"},
    };
    struct copy_end e;
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(copy_end_read(&e, rows[i].text, &err), ERR_OK);
        assert_string_equal(e.ns, rows[i].ns);
        assert_string_equal(e.pod, rows[i].pod);
        assert_string_equal(e.path, rows[i].path);
    }
    assert_int_equal(copy_end_read(&e, "", &err), ERR_USAGE);
    assert_int_equal(copy_end_read(&e, "web-0:", &err), ERR_USAGE);
}

static void splits(void **state)
{
    static const char *const rows[][3] = {
        {"/etc/hosts", "/etc", "hosts"}, {"hosts", ".", "hosts"}, {"/hosts", "/", "hosts"}, {"/", "/", ""}, {"//", "/", ""}, {".", ".", ""}, {"a//b/", "a", "b"},
        {"/a/./b/.", "/a", "b"}, {"a/..", "a/..", ""}, {"../b", "..", "b"}, {"a/b/c", "a/b", "c"}, {"./a", ".", "a"},
    };
    char dir[64], name[64];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(copy_split(rows[i][0], dir, name, sizeof dir));
        assert_string_equal(dir, rows[i][1]);
        assert_string_equal(name, rows[i][2]);
    }
    assert_false(copy_split("/a/name/that/is/longer/than/what/there/is/room/for/in/the/two/of/them", dir, name, sizeof dir));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good, begin, finish), cmocka_unit_test_setup_teardown(names_that_lead_out, begin, finish),
        cmocka_unit_test_setup_teardown(another_name_again, begin, finish), cmocka_unit_test_setup_teardown(what_another_copy_writes_stays, begin, finish),
        cmocka_unit_test_setup_teardown(links_that_lead_out, begin, finish), cmocka_unit_test_setup_teardown(a_file_through_a_link, begin, finish),
        cmocka_unit_test_setup_teardown(a_link_in_place_of_the_file, begin, finish),
        cmocka_unit_test_setup_teardown(hard_links_out_and_devices, begin, finish), cmocka_unit_test_setup_teardown(cut_in_the_middle, begin, finish),
        cmocka_unit_test_setup_teardown(huge_and_damaged, begin, finish), cmocka_unit_test_setup_teardown(there_and_back, begin, finish),
        cmocka_unit_test(ends), cmocka_unit_test(splits),
    };
    return cmocka_run_group_tests_name("copy", tests, NULL, NULL);
}
