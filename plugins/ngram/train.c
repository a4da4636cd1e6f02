/* From examples to a model file: options, features, a carve for calibration, two fits (without and
 * with the carve), provenance. */
#include "ngram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wish {
    struct spec spec;
    struct fit fit;
    double floor;
    struct sori_str group;
};

struct job {
    const struct sori_host *host;
    const struct sori_training *training;
    struct wish wish;
    struct corpus corpus;
    struct model model;
    int8_t *table;
    uint32_t epochs_done;
    struct measured measured;
    struct bytes provenance, file;
};

static enum sori_status refuse(const struct job *job, enum sori_status status, const char *why) {
    job->host->fail(job->host, 0, (struct sori_str){why, strlen(why)});
    return status;
}

static void say(const struct job *job, double share, const char *line) {
    if (job->training->progress)
        job->training->progress(job->training, share, (struct sori_str){line, strlen(line)});
}

static bool is(struct sori_str s, const char *text) {
    return s.len == strlen(text) && memcmp(s.ptr, text, s.len) == 0;
}

/* A decimal number of at most 20 characters. */
static bool number(struct sori_str s, double low, double high, double *out) {
    char text[24], *end;
    if (s.len == 0 || s.len >= sizeof text) return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = 0;
    *out = strtod(text, &end);
    return *end == 0 && *out >= low && *out <= high;
}

struct setting {
    const char *name;
    double low, high, value;
    bool whole;
};

static enum sori_status read_options(struct job *job) {
    struct setting set[] = {{"seed", 0, 1e15, 1, true},
                            {"epochs", 1, 100, 4, true},
                            {"rate", 0.001, 10, 0.2, false},
                            {"buckets", 1024, 1 << 28, 1 << 20, true},
                            {"longest", 1, NGRAM_LONGEST, 4, true},
                            {"words", 0, 2, 1, true},
                            {"floor", 0, 1, 0.6, false}};
    enum { COUNT = sizeof set / sizeof set[0] };
    struct wish *w = &job->wish;
    w->group = SORI_STR("tone");
    w->spec.spaces = 1;
    char why[200];
    for (size_t i = 0; i < job->training->options.count; i++) {
        const struct sori_pair *o = &job->training->options.items[i];
        if (is(o->name, "source")) continue;
        if (is(o->name, "task")) {
            w->group = o->value;
            continue;
        }
        if (is(o->name, "spaces") && (is(o->value, "keep") || is(o->value, "remove"))) {
            w->spec.spaces = is(o->value, "keep");
            continue;
        }
        size_t k = 0;
        while (k < COUNT && !is(o->name, set[k].name)) k++;
        if (k < COUNT && number(o->value, set[k].low, set[k].high, &set[k].value) &&
            (!set[k].whole || set[k].value == (double)(uint64_t)set[k].value))
            continue;
        if (k < COUNT)
            snprintf(why, sizeof why, "option %s: expected a number from %g to %g, not \"%.*s\"",
                     set[k].name, set[k].low, set[k].high,
                     (int)(o->value.len < 40 ? o->value.len : 40), o->value.ptr);
        else
            snprintf(why, sizeof why,
                     "option %.*s=%.*s is not known; there are task, seed, epochs, rate, buckets, "
                     "longest, words (0, 1, 2), spaces (keep, remove) and floor",
                     (int)(o->name.len < 20 ? o->name.len : 20), o->name.ptr,
                     (int)(o->value.len < 20 ? o->value.len : 20), o->value.ptr);
        return refuse(job, SORI_CONFIG, why);
    }
    w->fit =
        (struct fit){(float)set[2].value, (uint32_t)set[1].value, (uint64_t)set[0].value, false};
    w->spec.buckets = (uint32_t)set[3].value;
    w->spec.longest = (uint32_t)set[4].value;
    w->spec.words = (uint32_t)set[5].value;
    w->spec.seed = (uint64_t)set[0].value;
    w->floor = set[6].value;
    return SORI_OK;
}

static const struct sori_example *example(const struct job *job, size_t i) {
    const char *at = (const char *)job->training->items + i * job->training->stride;
    return (const struct sori_example *)(const void *)at;
}

static bool name_ok(struct sori_str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return s.len > 0 && s.len < 32;
}

static uint32_t find_label(struct model *m, struct sori_str name) {
    uint32_t k = 0;
    while (k < m->classes &&
           (m->label[k].len != name.len || memcmp(m->label[k].ptr, name.ptr, name.len) != 0))
        k++;
    if (k == m->classes && k < NGRAM_CLASSES) m->label[m->classes++] = name;
    return k;
}

/* Which labels the examples have, and which of them each set has. */
static enum sori_status read_labels(struct job *job) {
    struct model *m = &job->model;
    struct corpus *c = &job->corpus;
    for (size_t i = 0; i < job->training->count; i++) {
        const struct sori_example *e = example(job, i);
        if (!name_ok(e->label))
            return refuse(job, SORI_CONFIG, "a label may have 1 to 31 of a-z, 0-9, - and _");
        if (find_label(m, e->label) == NGRAM_CLASSES)
            return refuse(job, SORI_CONFIG, "more than 16 labels: this plugin cannot hold so many");
        if (e->set >= 1u << 16) return refuse(job, SORI_BUG, "the number of a set is too large");
        if (e->set >= c->sets) c->sets = e->set + 1;
    }
    if (m->classes < 2)
        return refuse(job, SORI_CONFIG,
                      "the examples have fewer than two labels: nothing to learn");
    c->mask = calloc(c->sets, sizeof *c->mask);
    if (!c->mask) return refuse(job, SORI_RETRY, "out of memory");
    return SORI_OK;
}

static bool label_before(const struct corpus *c, const struct model *m, uint32_t a, uint32_t b) {
    uint32_t in_a = 0, in_b = 0;
    for (uint32_t s = 0; s < c->sets; s++) {
        in_a += c->mask[s] >> a & 1;
        in_b += c->mask[s] >> b & 1;
    }
    if (in_a != in_b) return in_a > in_b;
    size_t len = m->label[a].len < m->label[b].len ? m->label[a].len : m->label[b].len;
    int by = memcmp(m->label[a].ptr, m->label[b].ptr, len);
    return by != 0 ? by < 0 : m->label[a].len < m->label[b].len;
}

/* Orders labels: those of the most sets first, then by name. The last one, which the others are
 * compared with, is then the one that most sets lack. */
static void order_labels(struct job *job) {
    struct model *m = &job->model;
    struct corpus *c = &job->corpus;
    for (size_t i = 0; i < job->training->count; i++) {
        const struct sori_example *e = example(job, i);
        c->mask[e->set] |= 1u << find_label(m, e->label);
    }
    uint32_t order[NGRAM_CLASSES];
    for (uint32_t k = 0; k < m->classes; k++) {
        uint32_t at = k;
        for (; at > 0 && label_before(c, m, k, order[at - 1]); at--) order[at] = order[at - 1];
        order[at] = k;
    }
    struct sori_str label[NGRAM_CLASSES];
    for (uint32_t k = 0; k < m->classes; k++) label[k] = m->label[order[k]];
    memcpy(m->label, label, sizeof label);
    for (uint32_t s = 0; s < c->sets; s++) {
        uint32_t was = c->mask[s];
        c->mask[s] = 0;
        for (uint32_t k = 0; k < m->classes; k++) c->mask[s] |= (was >> order[k] & 1) << k;
        /* A set of one label has nothing to tell apart inside it: it speaks against all others. */
        if ((c->mask[s] & (c->mask[s] - 1)) == 0) c->mask[s] = (1u << m->classes) - 1;
    }
}

static bool room(struct corpus *c, size_t more) {
    if (c->bucket_cap - c->buckets >= more) return true;
    size_t cap = c->bucket_cap ? c->bucket_cap * 2 : 1u << 20;
    uint32_t *grown = realloc(c->bucket, cap * sizeof *grown);
    if (!grown) return false;
    c->bucket = grown;
    c->bucket_cap = cap;
    return true;
}

/* Equal texts get equal features and fall on the same side of the carve. */
static bool carve(const uint32_t *bucket, size_t n) {
    uint64_t h = 0;
    for (size_t i = 0; i < n; i++) h = (h + bucket[i]) * 0x9E3779B97F4A7C15u;
    return number_random(&h) % 20 == 0;
}

static bool add_row(struct job *job, struct norm *norm, const struct sori_example *e) {
    struct corpus *c = &job->corpus;
    struct row row = {.first = c->buckets,
                      .label = find_label(&job->model, e->label),
                      .set = e->set,
                      .weight = e->weight};
    norm_text(norm, e->text);
    struct walk walk;
    walk_begin(&walk, &c->spec, norm, NULL, 0);
    for (;;) {
        if (!room(c, NGRAM_BLOCK)) return false;
        size_t n = walk_next(&walk, c->bucket + c->buckets, NULL);
        if (n == 0) break;
        c->buckets += n;
    }
    row.features = (uint32_t)(c->buckets - row.first);
    row.dev = carve(c->bucket + row.first, row.features);
    if (norm->usable > 0 && row.weight > 0) c->row[c->rows++] = row;
    return true;
}

static enum sori_status read_rows(struct job *job) {
    struct corpus *c = &job->corpus;
    c->spec = job->wish.spec;
    c->classes = job->model.classes;
    c->row = calloc(job->training->count + 1, sizeof *c->row);
    struct norm norm;
    if (!norm_make(&norm)) return refuse(job, SORI_RETRY, "out of memory");
    bool ok = c->row != NULL;
    for (size_t i = 0; ok && i < job->training->count; i++)
        ok = add_row(job, &norm, example(job, i));
    norm_free(&norm);
    if (!ok) return refuse(job, SORI_RETRY, "out of memory while reading the examples");
    char line[120];
    snprintf(line, sizeof line, "%zu texts, %zu features", c->rows, c->buckets);
    say(job, 0.1, line);
    return SORI_OK;
}

static bool epoch(void *ctx, uint32_t done) {
    struct job *job = ctx;
    job->epochs_done++;
    char line[80];
    snprintf(line, sizeof line, "%s, epoch %u of %u",
             job->wish.fit.all ? "all rows" : "without the dev rows", (unsigned)done,
             (unsigned)job->wish.fit.epochs);
    say(job, 0.1 + 0.85 * job->epochs_done / (2.0 * job->wish.fit.epochs), line);
    return !job->host->cancelled(job->host);
}

static void line_of(struct job *job, const char *name, struct sori_str value) {
    bytes_put(&job->provenance, name, strlen(name));
    bytes_put(&job->provenance, value.ptr, value.len);
    bytes_put(&job->provenance, "\n", 1);
}

/* Where the model came from, in lines of "name: value". No date: the same seed must give the same
 * bytes. */
static void write_provenance(struct job *job) {
    char text[200];
    line_of(job, "made by: ", SORI_STR("ngram 0.1.0"));
    for (size_t i = 0; i < job->training->options.count; i++) {
        const struct sori_pair *o = &job->training->options.items[i];
        bytes_put(&job->provenance, o->name.ptr, o->name.len);
        line_of(job, ": ", o->value);
    }
    for (uint32_t k = 0; k < job->model.classes; k++) {
        size_t rows = 0;
        for (size_t i = 0; i < job->corpus.rows; i++) rows += job->corpus.row[i].label == k;
        snprintf(text, sizeof text, "%.*s %zu", (int)job->model.label[k].len,
                 job->model.label[k].ptr, rows);
        line_of(job, "rows: ", (struct sori_str){text, strlen(text)});
    }
    snprintf(text, sizeof text, "%zu rows, accuracy %.4f, ece %.4f", job->measured.rows,
             job->measured.accuracy, job->measured.ece);
    line_of(job, "carved dev: ", (struct sori_str){text, strlen(text)});
}

static enum sori_status fit_twice(struct job *job) {
    struct corpus *c = &job->corpus;
    struct model *m = &job->model;
    m->spec = c->spec;
    m->columns = m->classes - 1;
    m->group = job->wish.group;
    m->floor = job->wish.floor;
    job->table = calloc((size_t)c->spec.buckets * m->columns, 1);
    m->table = job->table;
    if (!job->table) return refuse(job, SORI_RETRY, "out of memory");
    bool ok = true;
    for (uint32_t k = 0; k < m->columns; k++) m->slope[k] = 1;
    for (int round = 0; ok && round < 2; round++) {
        job->wish.fit.all = round == 1;
        ok = fit_run(c, &job->wish.fit, m, job->table, epoch, job);
        if (ok && round == 0) ok = calibrate(c, m, &job->measured);
    }
    m->precision = job->measured.precision;
    m->precisions = job->measured.precisions;
    if (!ok && job->host->cancelled(job->host)) return SORI_CANCELLED;
    return ok ? SORI_OK : refuse(job, SORI_RETRY, "out of memory while training");
}

static enum sori_status write_file(struct job *job) {
    write_provenance(job);
    job->model.provenance = (struct sori_str){job->provenance.data, job->provenance.len};
    model_write(&job->model, &job->file);
    if (job->provenance.failed || job->file.failed) return refuse(job, SORI_RETRY, "out of memory");
    struct sori_str all = {job->file.data, job->file.len};
    char line[120];
    snprintf(line, sizeof line, "on %zu rows held back: accuracy %.4f, ece %.4f",
             job->measured.rows, job->measured.accuracy, job->measured.ece);
    say(job, 1, line);
    return job->training->write(job->training, all);
}

enum sori_status train_model(const struct sori_host *host, const struct sori_training *training) {
    struct job job = {.host = host, .training = training};
    enum sori_status status = read_options(&job);
    if (status == SORI_OK && !name_ok(job.wish.group))
        status = refuse(&job, SORI_CONFIG, "the task's name may have 1 to 31 of a-z, 0-9, - and _");
    if (status == SORI_OK) status = read_labels(&job);
    if (status == SORI_OK) order_labels(&job);
    if (status == SORI_OK) status = read_rows(&job);
    if (status == SORI_OK) status = fit_twice(&job);
    if (status == SORI_OK) status = write_file(&job);
    free(job.corpus.row);
    free(job.corpus.bucket);
    free(job.corpus.mask);
    free(job.table);
    free(job.provenance.data);
    free(job.file.data);
    return status;
}
