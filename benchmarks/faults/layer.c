/* A layer between a process and its files, for LD_PRELOAD: calls on files below one folder fail as a disk would.

   It stands below Python, SQLite and the Rust code that writes weights, so it meets every write of the lab.
   benchmarks/faults/layer.py builds and controls it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { OFF, COUNT, FROM, ONCE, KILL };
enum { WRITE = 1, MAKE = 2, SYNC = 4, MOVE = 8, REMOVE = 16, CHANGE = 32, OPEN = 64, OPEN_TO_WRITE = 128 };

static char folder[4096];
static size_t folder_length;
static int mode, error, kinds;
static long first, seen, met, clock_offset;

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* The kinds of calls below the folder are counted; the `nth` fails, or all from it on, or it kills the process. */
void lab_faults(const char *below, int how, int of, int with, long nth) {
  snprintf(folder, sizeof folder, "%s", below);
  folder_length = strlen(folder);
  kinds = of, error = with, first = nth, seen = met = 0;
  __atomic_store_n(&mode, how, __ATOMIC_SEQ_CST);
}

long lab_faults_seen(void) { return seen; }
long lab_faults_met(void) { return met; }
void lab_clock(long seconds) { clock_offset = seconds; }

static int below(const char *path) {
  return !strncmp(path, folder, folder_length) && (path[folder_length] == '/' || !path[folder_length]);
}

static int fd_below(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return below(path);
}

static int path_below(int at, const char *path) {
  if (!path) return 0;
  if (path[0] == '/') return below(path);
  if (at != AT_FDCWD) return fd_below(at);
  char here[4096];
  return getcwd(here, sizeof here) && below(here);
}

/* Whether this call fails, with errno set. short_of: half of a write is done first, as on a disk that fills up. */
static int fails(int kind, int is_below, size_t *short_of) {
  int saved = errno;
  if (!(kind & kinds) || !is_below) return errno = saved, 0;
  long number = __atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST);
  int hit = mode == FROM ? number >= first : mode == ONCE || mode == KILL ? number == first : 0;
  if (!hit) return errno = saved, 0;
  __atomic_add_fetch(&met, 1, __ATOMIC_SEQ_CST);
  if (number == first && short_of && *short_of > 1 && (mode == KILL || error == ENOSPC)) {
    *short_of /= 2;
    return 0;
  }
  if (mode == KILL) kill(getpid(), SIGKILL);
  errno = error;
  return 1;
}

#define ARMED __builtin_expect(__atomic_load_n(&mode, __ATOMIC_RELAXED) != OFF, 0)
#define TORN(wanted, size, done) \
  if (mode == KILL && (size) < (wanted)) kill(getpid(), SIGKILL); \
  return done

static int open_kind(int at, const char *path, int flags) {
  struct stat status;
  if ((flags & O_CREAT) && fstatat(at, path, &status, 0)) return OPEN | OPEN_TO_WRITE | MAKE;
  return (flags & O_ACCMODE) == O_RDONLY ? OPEN : OPEN | OPEN_TO_WRITE;
}

#define MODE_OF(flags) \
  mode_t bits = 0; \
  if ((flags) & (O_CREAT | __O_TMPFILE)) { \
    va_list rest; \
    va_start(rest, flags); \
    bits = va_arg(rest, mode_t); \
    va_end(rest); \
  }
#define OPENER(name) \
  int name(const char *path, int flags, ...) { \
    MODE_OF(flags) \
    REAL(name); \
    if (ARMED && fails(open_kind(AT_FDCWD, path, flags), path_below(AT_FDCWD, path), NULL)) return -1; \
    return real(path, flags, bits); \
  }
#define OPENER_AT(name) \
  int name(int at, const char *path, int flags, ...) { \
    MODE_OF(flags) \
    REAL(name); \
    if (ARMED && fails(open_kind(at, path, flags), path_below(at, path), NULL)) return -1; \
    return real(at, path, flags, bits); \
  }
OPENER(open)
OPENER(open64)
OPENER_AT(openat)
OPENER_AT(openat64)

ssize_t write(int fd, const void *data, size_t size) {
  REAL(write);
  size_t wanted = size;
  if (ARMED && fails(WRITE, fd_below(fd), &size)) return -1;
  ssize_t done = real(fd, data, size);
  TORN(wanted, size, done);
}
#define WRITER_AT(name, offset_type) \
  ssize_t name(int fd, const void *data, size_t size, offset_type offset) { \
    REAL(name); \
    size_t wanted = size; \
    if (ARMED && fails(WRITE, fd_below(fd), &size)) return -1; \
    ssize_t done = real(fd, data, size, offset); \
    TORN(wanted, size, done); \
  }
WRITER_AT(pwrite, off_t)
WRITER_AT(pwrite64, off64_t)
ssize_t writev(int fd, const struct iovec *parts, int number) {
  REAL(writev);
  return ARMED && fails(WRITE, fd_below(fd), NULL) ? -1 : real(fd, parts, number);
}
ssize_t copy_file_range(int from, off64_t *at, int fd, off64_t *to, size_t size, unsigned flags) {
  REAL(copy_file_range);
  return ARMED && fails(WRITE, fd_below(fd), NULL) ? -1 : real(from, at, fd, to, size, flags);
}
ssize_t sendfile64(int fd, int from, off64_t *at, size_t size);
ssize_t sendfile64(int fd, int from, off64_t *at, size_t size) {
  REAL(sendfile64);
  return ARMED && fails(WRITE, fd_below(fd), NULL) ? -1 : real(fd, from, at, size);
}
ssize_t sendfile(int fd, int from, off_t *at, size_t size);
ssize_t sendfile(int fd, int from, off_t *at, size_t size) {
  REAL(sendfile);
  return ARMED && fails(WRITE, fd_below(fd), NULL) ? -1 : real(fd, from, at, size);
}

#define OF_FD(name, kind, given, ...) \
  int name given { \
    REAL(name); \
    return ARMED && fails(kind, fd_below(fd), NULL) ? -1 : real(__VA_ARGS__); \
  }
OF_FD(fsync, SYNC, (int fd), fd)
OF_FD(fdatasync, SYNC, (int fd), fd)
OF_FD(ftruncate, CHANGE, (int fd, off_t size), fd, size)
OF_FD(ftruncate64, CHANGE, (int fd, off64_t size), fd, size)
OF_FD(fchmod, CHANGE, (int fd, mode_t bits), fd, bits)

#define OF_PATH(name, kind, given, at, path, ...) \
  int name given { \
    REAL(name); \
    return ARMED && fails(kind, path_below(at, path), NULL) ? -1 : real(__VA_ARGS__); \
  }
OF_PATH(mkdir, MAKE, (const char *path, mode_t bits), AT_FDCWD, path, path, bits)
OF_PATH(mkdirat, MAKE, (int at, const char *path, mode_t bits), at, path, at, path, bits)
OF_PATH(link, MAKE, (const char *from, const char *to), AT_FDCWD, to, from, to)
OF_PATH(linkat, MAKE, (int of, const char *from, int at, const char *to, int flags), at, to, of, from, at, to, flags)
OF_PATH(rename, MOVE, (const char *from, const char *to), AT_FDCWD, to, from, to)
OF_PATH(renameat, MOVE, (int of, const char *from, int at, const char *to), at, to, of, from, at, to)
OF_PATH(unlink, REMOVE, (const char *path), AT_FDCWD, path, path)
OF_PATH(unlinkat, REMOVE, (int at, const char *path, int flags), at, path, at, path, flags)
OF_PATH(rmdir, REMOVE, (const char *path), AT_FDCWD, path, path)
OF_PATH(chmod, CHANGE, (const char *path, mode_t bits), AT_FDCWD, path, path, bits)
OF_PATH(utimensat, CHANGE, (int at, const char *path, const struct timespec times[2], int flags), at, path, at, path, times, flags)

int clock_gettime(clockid_t id, struct timespec *now) {
  REAL(clock_gettime);
  int status = real(id, now);
  if (id == CLOCK_REALTIME) now->tv_sec += clock_offset;
  return status;
}
