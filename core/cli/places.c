/* Where things are: the workspace, the programs, what was installed with them. */
#include "cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool exists(const char *path) {
    struct stat st;
    return stat(path, &st) == 0;
}

bool cli_workspace(const char *given, struct buf *out, struct err *err) {
    const char *from = given ? given : getenv("SORI_WORKSPACE");
    if (!from || !*from) from = ".";
    buf_clear(out);
    char *real = realpath(from, NULL);
    if (!real) return err_set(err, "%s: %s; a workspace is a folder", from, strerror(errno));
    buf_puts(out, real);
    free(real);
    size_t len = out->len;
    buf_puts(out, "/sori.lua");
    bool found = exists(out->data);
    out->len = len;
    out->data[len] = 0;
    if (found) return true;
    return err_set(err,
                   "%s is not a workspace: it has no sori.lua. Give one with -w DIR or "
                   "$SORI_WORKSPACE, or make one: sori new workspace DIR",
                   out->data);
}

bool cli_bin(struct buf *out, struct err *err) {
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0) return err_set(err, "/proc/self/exe: %s", strerror(errno));
    path[n] = 0;
    *strrchr(path, '/') = 0;
    buf_clear(out);
    buf_puts(out, path);
    return true;
}

/* Installed: PREFIX/lib/sori or PREFIX/share/sori; built: build/PRESET/…, policy/ in the sources.
 */
bool cli_installed(const char *what, struct buf *out, struct err *err) {
    static const char *const places[] = {"/../", "/../lib/sori/", "/../share/sori/",
                                         "/../../../scripts/"};
    struct buf bin = {0};
    if (!cli_bin(&bin, err)) return false;
    char *real = NULL;
    for (size_t i = 0; i < sizeof places / sizeof *places && !real; i++) {
        struct buf path = {0};
        buf_printf(&path, "%s%s%s", bin.data, places[i], what);
        real = realpath(path.data, NULL);
        buf_free(&path);
    }
    if (real) {
        buf_clear(out);
        buf_puts(out, real);
    } else {
        err_set(err, "the '%s' that comes with Sori was not found beside %s", what, bin.data);
    }
    buf_free(&bin);
    bool found = real != NULL;
    free(real);
    return found;
}

bool cli_plugin(const char *name, struct buf *out, struct err *err) {
    buf_clear(out);
    if (strchr(name, '/')) {
        buf_puts(out, name);
        if (exists(name)) return true;
        return err_set(err, "%s: %s", name, strerror(errno));
    }
    if (!cli_installed("plugins", out, err)) return false;
    buf_printf(out, "/%s.so", name);
    if (exists(out->data)) return true;
    return err_set(err, "no plugin '%s' (%s is missing); 'sori plugin list' shows what there is",
                   name, out->data);
}

bool cli_plugin_of(const char *workspace, const char *name, struct buf *out, struct err *err) {
    buf_clear(out);
    buf_printf(out, "%s/plugins/%s.so", workspace, name);
    return access(out->data, R_OK) == 0 || cli_plugin(name, out, err);
}

void cli_user(struct buf *out) {
    buf_clear(out);
    /* Under sudo the person is the one who called it. */
    const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL;
    const struct passwd *pw = sudo && *sudo ? NULL : getpwuid(getuid());
    if (sudo && *sudo)
        buf_puts(out, sudo);
    else if (pw && pw->pw_name)
        buf_puts(out, pw->pw_name);
    else
        buf_printf(out, "uid %u", (unsigned)getuid());
}
