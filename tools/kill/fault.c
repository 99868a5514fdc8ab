// Breaks one call of a process on the files below a folder: the n-th that changes them, or the n-th that reads them.
//
//     cc -shared -fPIC -O1 -o fault.so fault.c -ldl
//     LD_PRELOAD=./fault.so FAULT=kill FAULT_BELOW=shards FAULT_AT=7 einthoven convert …
//
// FAULT         count, count-reads: nothing is broken; kill: SIGKILL; full: ENOSPC from there on; read: EIO of that one
//               reading; dead: EIO of every reading.
// FAULT_BELOW   the folder, as a part of paths.
// FAULT_AT      which call, from 1.
// FAULT_COUNT   a file that the number of calls is written to at the end.
//
// Half of what a broken write was to write is written before.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 65536 };
static atomic_bool watched[MOST];
static atomic_long calls;
static long at;
static const char *below = "", *mode = "";

#define REAL(name) ((typeof(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
  mode = getenv("FAULT") ? getenv("FAULT") : "";
  below = getenv("FAULT_BELOW") ? getenv("FAULT_BELOW") : "/";
  at = getenv("FAULT_AT") ? atol(getenv("FAULT_AT")) : 0;
}

__attribute__((destructor)) static void end(void) {
  const char *path = getenv("FAULT_COUNT");
  FILE *file = path ? fopen(path, "w") : NULL;
  if (!file) return;
  fprintf(file, "%ld\n", atomic_load(&calls));
  fclose(file);
}

static int isBelow(const char *path) { return path && strstr(path, below) != NULL; }
static int isWatched(int file) { return file >= 0 && file < MOST && atomic_load(&watched[file]); }
static int reads(void) {
  return strcmp(mode, "read") == 0 || strcmp(mode, "count-reads") == 0 || strcmp(mode, "dead") == 0;
}

// Whether this call, of the kind that is counted, is to fail.
static int fails(int isReading) {
  if (!*mode || isReading != reads()) return 0;
  long number = atomic_fetch_add(&calls, 1) + 1;
  if (strcmp(mode, "dead") == 0) return 1;
  if (strcmp(mode, "full") == 0) return number >= at;
  return (strcmp(mode, "kill") == 0 || strcmp(mode, "read") == 0) && number == at;
}

static int broken(void) {
  if (strcmp(mode, "kill") == 0) {
    kill(getpid(), SIGKILL);
    pause();
  }
  errno = reads() ? EIO : ENOSPC;
  return -1;
}

static int opened(int file, const char *path) {
  if (file >= 0 && file < MOST) atomic_store(&watched[file], isBelow(path));
  return file;
}

#define OPEN(name)                                                              \
  int name(const char *path, int flags, ...) {                                  \
    va_list list;                                                               \
    va_start(list, flags);                                                      \
    mode_t rights = flags & O_CREAT ? va_arg(list, mode_t) : 0;                 \
    va_end(list);                                                               \
    if (flags & (O_CREAT | O_TRUNC) && isBelow(path) && fails(0)) return broken(); \
    return opened(REAL(name)(path, flags, rights), path);                       \
  }
OPEN(open)
OPEN(open64)

#define CHANGE(name, parameters, arguments, path)    \
  int name parameters {                              \
    if (isBelow(path) && fails(0)) return broken();  \
    return REAL(name) arguments;                     \
  }
CHANGE(mkdir, (const char *path, mode_t rights), (path, rights), path)
CHANGE(rename, (const char *path, const char *goal), (path, goal), path)

// A full disk gives room by removing.
#define REMOVE(name, parameters, arguments, path)                                          \
  int name parameters {                                                                    \
    if (isBelow(path) && strcmp(mode, "full") != 0 && fails(0)) return broken();           \
    return REAL(name) arguments;                                                           \
  }
REMOVE(unlink, (const char *path), (path), path)
REMOVE(rmdir, (const char *path), (path), path)

#define SYNC(name)                                     \
  int name(int file) {                                 \
    if (isWatched(file) && fails(0)) return broken();  \
    return REAL(name)(file);                           \
  }
SYNC(fsync)

ssize_t write(int file, const void *bytes, size_t count) {
  if (isWatched(file) && fails(0)) {
    if (count > 1) REAL(write)(file, bytes, count / 2);
    return broken();
  }
  return REAL(write)(file, bytes, count);
}

#define PWRITE(name, type)                                                \
  ssize_t name(int file, const void *bytes, size_t count, type offset) {  \
    if (isWatched(file) && fails(0)) {                                    \
      if (count > 1) REAL(name)(file, bytes, count / 2, offset);          \
      return broken();                                                    \
    }                                                                     \
    return REAL(name)(file, bytes, count, offset);                        \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t read(int file, void *bytes, size_t count) {
  if (isWatched(file) && fails(1)) return broken();
  return REAL(read)(file, bytes, count);
}

#define PREAD(name, type)                                           \
  ssize_t name(int file, void *bytes, size_t count, type offset) {  \
    if (isWatched(file) && fails(1)) return broken();               \
    return REAL(name)(file, bytes, count, offset);                  \
  }
PREAD(pread, off_t)
PREAD(pread64, off64_t)
