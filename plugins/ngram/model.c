/* The model file: one header page, three sections, a SHA-256 over everything before it. It is
 * mapped and used where it lies, so every number in it is checked before it is believed. */
#include "ngram.h"

#include <zlib.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTION_PROVENANCE, SECTION_PRECISION, SECTION_WEIGHTS, SECTIONS };
enum { NAME = 32, HEADER = 4096, DIGEST = 32 };
static const uint32_t ENDIAN = 0x01020304;
static const char MAGIC[8] = {'S', 'O', 'R', 'I', 'N', 'G', 'R', 'M'};

struct section {
    uint32_t id, crc;
    uint64_t offset, size;
};

struct header {
    char magic[8];
    uint32_t format, endian, header_size, normaliser;
    uint64_t file_size, seed;
    uint32_t longest, words, spaces, buckets, classes, columns;
    double floor;
    double scale[NGRAM_CLASSES], bias[NGRAM_CLASSES], slope[NGRAM_CLASSES], shift[NGRAM_CLASSES];
    char group[NAME], label[NGRAM_CLASSES][NAME];
    struct section section[SECTIONS];
    char unused[2888];
    uint32_t reserved, crc; /* crc: of the page up to here */
};
static_assert(sizeof(struct header) == HEADER, "the header is one page");

static bool wrong(char why[256], const char *what) {
    snprintf(why, 256, "%s", what);
    return false;
}

static bool damaged(char why[256], const char *what) {
    snprintf(why, 256, "the model file is damaged (%s); copy or train it again", what);
    return false;
}

static bool number_ok(double x) { return x > -1e6 && x < 1e6; }

static bool name_ok(const char *name) {
    size_t len = 0;
    while (len < NAME && name[len] != 0) {
        char c = name[len++];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return len > 0 && len < NAME;
}

static bool header_ok(const struct header *h, size_t size, char why[256]) {
    if (memcmp(h->magic, MAGIC, sizeof MAGIC) != 0)
        return wrong(why, "this is not an n-gram model (wrong first bytes); models are made by "
                          "`sori model train`");
    if (h->endian != ENDIAN)
        return wrong(
            why, "the model was made on a machine with another byte order; train it again here");
    if (h->format != NGRAM_FORMAT || h->header_size != HEADER) {
        snprintf(why, 256,
                 "the model file has format %u, this plugin reads format %u; train it again",
                 (unsigned)h->format, (unsigned)NGRAM_FORMAT);
        return false;
    }
    if (crc32(0, (const Bytef *)h, HEADER - 4) != h->crc)
        return damaged(why, "checksum of the header");
    if (h->normaliser != NGRAM_NORMALISER) {
        snprintf(why, 256, "the model needs text normaliser %u, this plugin has %u; train it again",
                 (unsigned)h->normaliser, (unsigned)NGRAM_NORMALISER);
        return false;
    }
    if (h->file_size != size) return damaged(why, "its length is not what its header says");
    return true;
}

static bool fields_ok(const struct header *h, char why[256]) {
    if (h->longest < 1 || h->longest > NGRAM_LONGEST || h->words > 2 || h->spaces > 1)
        return damaged(why, "n-gram lengths");
    if (h->classes < 2 || h->classes > NGRAM_CLASSES || h->columns != h->classes - 1)
        return damaged(why, "number of labels");
    if (h->buckets < 1 || h->buckets > 1u << 28) return damaged(why, "number of buckets");
    if (!(h->floor >= 0 && h->floor <= 1)) return damaged(why, "floor");
    for (uint32_t k = 0; k < h->columns; k++)
        if (!number_ok(h->scale[k]) || !number_ok(h->bias[k]) || !number_ok(h->slope[k]) ||
            !number_ok(h->shift[k]))
            return damaged(why, "scales");
    if (!name_ok(h->group)) return damaged(why, "name of the group");
    for (uint32_t k = 0; k < h->classes; k++) {
        if (!name_ok(h->label[k])) return damaged(why, "name of a label");
        for (uint32_t j = 0; j < k; j++)
            if (strcmp(h->label[k], h->label[j]) == 0)
                return damaged(why, "two labels of one name");
    }
    return true;
}

/* Of each label in order, rising in precision and in threshold. */
static bool precisions_ok(const struct header *h, const char *bytes, char why[256]) {
    const struct sori_precision *p = (const void *)bytes;
    uint64_t size = h->section[SECTION_PRECISION].size, count = size / sizeof *p;
    bool ok = size % sizeof *p == 0 && count <= (uint64_t)h->classes * NGRAM_CURVE;
    for (uint64_t i = 0; ok && i < count; i++) {
        const struct sori_precision *last =
            i > 0 && p[i - 1].label == p[i].label ? &p[i - 1] : NULL;
        ok = p[i].label < h->classes && (i == 0 || p[i - 1].label <= p[i].label) &&
             p[i].precision > (last ? last->precision : 0) && p[i].precision <= 10000 &&
             p[i].threshold >= (last ? last->threshold + 1 : 0) && p[i].threshold <= 10000 &&
             p[i].rows > 0;
    }
    return ok || damaged(why, "precisions");
}

static bool sections_ok(const struct header *h, const char *bytes, size_t size, char why[256]) {
    uint64_t end = HEADER, limit = size - DIGEST;
    for (uint32_t i = 0; i < SECTIONS; i++) {
        const struct section *s = &h->section[i];
        if (s->id != i || s->offset % 64 != 0 || s->offset < end || s->offset > limit ||
            s->size > limit - s->offset)
            return damaged(why, "place of a section");
        end = s->offset + s->size;
        if (crc32(0, (const Bytef *)bytes + s->offset, (uInt)s->size) != s->crc)
            return damaged(why, i == SECTION_WEIGHTS     ? "checksum of the weights"
                                : i == SECTION_PRECISION ? "checksum of the precisions"
                                                         : "checksum of the provenance");
    }
    if (h->section[SECTION_WEIGHTS].size != (uint64_t)h->buckets * h->columns)
        return damaged(why, "size of the weights");
    return precisions_ok(h, bytes + h->section[SECTION_PRECISION].offset, why);
}

static void take(struct model *m, const struct header *h, const char *bytes,
                 const uint8_t *digest) {
    m->spec = (struct spec){h->longest, h->words, h->spaces, h->buckets, h->seed};
    m->classes = h->classes;
    m->columns = h->columns;
    m->floor = h->floor;
    m->group = (struct sori_str){h->group, strlen(h->group)};
    for (uint32_t k = 0; k < h->classes; k++)
        m->label[k] = (struct sori_str){h->label[k], strlen(h->label[k])};
    memcpy(m->scale, h->scale, sizeof m->scale);
    memcpy(m->bias, h->bias, sizeof m->bias);
    memcpy(m->slope, h->slope, sizeof m->slope);
    memcpy(m->shift, h->shift, sizeof m->shift);
    const struct section *p = &h->section[SECTION_PROVENANCE];
    m->provenance = (struct sori_str){bytes + p->offset, (size_t)p->size};
    m->precision = (const void *)(bytes + h->section[SECTION_PRECISION].offset);
    m->precisions = (uint32_t)(h->section[SECTION_PRECISION].size / sizeof *m->precision);
    m->table = (const int8_t *)bytes + h->section[SECTION_WEIGHTS].offset;
    int n = snprintf(m->id, sizeof m->id, "ngram/%d:", NGRAM_FORMAT);
    for (int i = 0; i < 8; i++)
        n += snprintf(m->id + n, sizeof m->id - (size_t)n, "%02x", digest[i]);
}

bool model_read(struct model *m, const void *bytes, size_t size, char why[256]) {
    memset(m, 0, sizeof *m);
    if (size < HEADER + DIGEST || size > (1u << 31))
        return wrong(why, size < HEADER + DIGEST ? "the file is too short to be a model"
                                                 : "the file is too large to be a model");
    const struct header *h = bytes;
    if (!header_ok(h, size, why) || !fields_ok(h, why)) return false;
    if (!sections_ok(h, bytes, size, why)) return false;
    uint8_t digest[DIGEST];
    sha256(bytes, size - DIGEST, digest);
    if (memcmp(digest, (const char *)bytes + size - DIGEST, DIGEST) != 0)
        return damaged(why, "SHA-256 of the whole");
    take(m, h, bytes, digest);
    return true;
}

bool model_open(struct model *m, struct sori_str path, char why[256]) {
    memset(m, 0, sizeof *m);
    char name[4096];
    if (path.len == 0 || path.len >= sizeof name) return wrong(why, "no model file was named");
    memcpy(name, path.ptr, path.len);
    name[path.len] = 0;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        snprintf(why, 256, "the model file cannot be opened: %s", strerror(errno));
        return false;
    }
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0) {
        close(fd);
        return wrong(why, "the model is not a file with contents");
    }
    size_t size = (size_t)st.st_size;
    void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        return wrong(why, "the model file does not fit into this process's memory");
    if (!model_read(m, map, size, why)) {
        munmap(map, size);
        memset(m, 0, sizeof *m);
        return false;
    }
    m->map = map;
    m->size = size;
    return true;
}

void model_close(struct model *m) {
    if (m->map) munmap(m->map, m->size);
    memset(m, 0, sizeof *m);
}

void bytes_put(struct bytes *b, const void *data, size_t len) {
    if (b->failed || len == 0) return;
    if (b->cap - b->len < len) {
        size_t cap = b->cap < 65536 ? 65536 : b->cap;
        while (cap - b->len < len) cap *= 2;
        char *grown = realloc(b->data, cap);
        if (!grown) {
            b->failed = true;
            return;
        }
        b->data = grown;
        b->cap = cap;
    }
    memcpy(b->data + b->len, data, len);
    b->len += len;
}

static void put_name(char to[NAME], struct sori_str name) {
    memcpy(to, name.ptr, name.len < NAME ? name.len : NAME - 1);
}

static void align(struct bytes *out) {
    static const char zero[64];
    bytes_put(out, zero, (64 - out->len % 64) % 64);
}

void model_write(const struct model *m, struct bytes *out) {
    struct header h = {.format = NGRAM_FORMAT,
                       .endian = ENDIAN,
                       .header_size = HEADER,
                       .normaliser = NGRAM_NORMALISER};
    memcpy(h.magic, MAGIC, sizeof MAGIC);
    h.seed = m->spec.seed;
    h.longest = m->spec.longest;
    h.words = m->spec.words;
    h.spaces = m->spec.spaces;
    h.buckets = m->spec.buckets;
    h.classes = m->classes;
    h.columns = m->columns;
    h.floor = m->floor;
    memcpy(h.scale, m->scale, sizeof h.scale);
    memcpy(h.bias, m->bias, sizeof h.bias);
    memcpy(h.slope, m->slope, sizeof h.slope);
    memcpy(h.shift, m->shift, sizeof h.shift);
    put_name(h.group, m->group);
    for (uint32_t k = 0; k < m->classes; k++) put_name(h.label[k], m->label[k]);
    const struct sori_str parts[SECTIONS] = {
        m->provenance,
        {(const char *)m->precision, m->precisions * sizeof *m->precision},
        {(const char *)m->table, (size_t)m->spec.buckets * m->columns}};
    uint64_t end = HEADER;
    for (uint32_t i = 0; i < SECTIONS; i++) {
        h.section[i] =
            (struct section){i, (uint32_t)crc32(0, (const Bytef *)parts[i].ptr, (uInt)parts[i].len),
                             end, parts[i].len};
        end = (end + parts[i].len + 63) / 64 * 64;
    }
    h.file_size = end + DIGEST;
    h.crc = (uint32_t)crc32(0, (const Bytef *)&h, HEADER - 4);
    bytes_put(out, &h, sizeof h);
    for (uint32_t i = 0; i < SECTIONS; i++) {
        bytes_put(out, parts[i].ptr, parts[i].len);
        align(out);
    }
    uint8_t digest[DIGEST] = {0};
    if (!out->failed) sha256(out->data, out->len, digest);
    bytes_put(out, digest, sizeof digest);
}
