/* Texts that are edited or applied: reading them never crashes, and what is shown of an object is read back as that object. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/config/yaml_json.h"
#include "core/ops/change.h"
#include "strata/edit.h"
#include "strata/yaml_emit.h"

static enum err_code each(void *arg, json_t *doc, int line, struct err *err)
{
    json_t **last = arg;
    (void)err;
    if (line < 1)
        abort();
    if (*last) {
        struct str words, clashes;
        str_init(&words, (size_t)4 << 20);
        str_init(&clashes, (size_t)1 << 20);
        change_words(&words, *last, doc, 50);
        for (size_t i = 0; i < words.len; i++)
            if (((unsigned char)words.data[i] < 0x20 && words.data[i] != '\n') || words.data[i] == 0x7f)
                abort();
        json_t *m = change_merge(*last, doc, *last, &clashes);
        if (!json_equal(m, doc) && !json_is_null(doc) && !json_is_null(*last))
            abort();                                    /* who alone changed something has it */
        json_decref(m);
        str_release(&words);
        str_release(&clashes);
    }
    json_decref(*last);
    *last = json_incref(doc);
    return ERR_OK;
}

static void back(json_t *doc)
{
    struct str text, document;
    struct err err;
    char mark[40];
    bool same = false;
    str_init(&text, (size_t)16 << 20);
    str_init(&document, (size_t)16 << 20);
    if (json_is_object(doc) && yaml_emit(&text, doc) && !edit_document(text.data, text.data, text.len, &document, mark, &same, &err) && !same)
        abort();
    str_clear(&document);
    if (text.len)
        edit_text(&document, text.data, "words", true, &err);
    str_release(&text);
    str_release(&document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *last = NULL;
    struct err err;
    yaml_json_each((const char *)data, size, "file", each, &last, &err);
    if (last)
        back(last);
    json_decref(last);
    return 0;
}
