// Status messages, the engine, and threads.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "internal.h"

static _Thread_local char message[512];

const char *ein_message(void) { return message; }

ein_status ein_fail(ein_status code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return code;
}

// oneDNN brings an OpenMP runtime along. Its entry points are looked up rather than linked, so that whichever
// runtime oneDNN was built with is the one that runs our loops: one pool of threads, not two.
typedef void (*set_threads_function)(int);
typedef void (*parallel_function)(void (*)(void *), void *, unsigned, unsigned);
typedef int (*number_function)(void);

static int thread_count = 1;
static parallel_function run_parallel;
static number_function thread_number, team_size;

int32_t ein_threads(void) { return thread_count; }

static void nothing(void *argument) { (void)argument; }

static void *park(void *argument) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, NULL);
  run_parallel(nothing, NULL, *(unsigned *)argument, 0);
  for (;;) pause();
}

// A thread that waits for another burns its processor for a millisecond, at every one of the thousands of barriers
// of an LSTM, before it sleeps. Where a loader or another process wants the processors too, the thread waited for is
// often one that has none, and a step takes ten times as long. GNU's OpenMP waits only briefly once it manages more
// threads than there are processors, so we give it a second team that is never used.
static void wait_briefly(int32_t count) {
  static unsigned team;
  cpu_set_t allowed;
  if (team != 0 || count < 2 || sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  int spare = CPU_COUNT(&allowed) - count;
  team = spare > 0 ? (unsigned)spare + 2 : 2;
  pthread_t thread;
  if (pthread_create(&thread, NULL, park, &team) == 0) pthread_detach(thread);
}

static int computes_by_openmp(void);

static ein_status use_threads(int32_t count) {
  set_threads_function set = (set_threads_function)dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  run_parallel = (parallel_function)dlsym(RTLD_DEFAULT, "GOMP_parallel");
  thread_number = (number_function)dlsym(RTLD_DEFAULT, "omp_get_thread_num");
  team_size = (number_function)dlsym(RTLD_DEFAULT, "omp_get_num_threads");
  const int is_known = computes_by_openmp() && set && run_parallel && thread_number && team_size;
  if (count > 1 && !is_known) {
    return ein_fail(
      EIN_UNSUPPORTED, "%d compute threads: %s is not built on GNU's OpenMP or its like; choose 1, which leaves their "
      "number to it", count, ein_engine_name());
  }
  if (is_known) set(count);
  thread_count = count;
  if (count > 1) wait_briefly(count);
  return EIN_OK;
}

ein_status ein_set_threads(int32_t count) {
  if (count < 1 || count > 4096) return ein_fail(EIN_INVALID, "%d compute threads, not 1 … 4096", count);
  EIN_TRY(ein_start());
  return use_threads(count);
}

typedef struct {
  size_t count, slice;
  ein_body body;
  void *context;
} parallel_loop;

static void run_slice(void *argument) {
  const parallel_loop *loop = argument;
  // The team may have fewer threads than slices: OpenMP's own limits stand above what it is asked for.
  const size_t step = (size_t)team_size() * loop->slice;
  for (size_t first = (size_t)thread_number() * loop->slice; first < loop->count; first += step) {
    const size_t last = first + loop->slice < loop->count ? first + loop->slice : loop->count;
    loop->body(loop->context, first, last);
  }
}

void ein_parallel(size_t count, size_t grain, ein_body body, void *context) {
  size_t threads = (size_t)thread_count;
  if (count == 0) return;
  if (threads == 1 || count <= grain) {
    body(context, 0, count);
    return;
  }
  size_t slice = (count + threads - 1) / threads;
  slice = (slice + grain - 1) / grain * grain;
  parallel_loop loop = {count, slice, body, context};
  run_parallel(run_slice, &loop, (unsigned)threads, 0);
}

#ifdef EINTHOVEN_TRAINING

static dnnl_engine_t engine;
static dnnl_stream_t stream;
static dnnl_primitive_attr_t attributes;

static int computes_by_openmp(void) { return dnnl_version()->cpu_runtime == DNNL_RUNTIME_OMP; }

dnnl_engine_t ein_engine(void) { return engine; }
dnnl_stream_t ein_stream(void) { return stream; }
dnnl_primitive_attr_t ein_attributes(void) { return attributes; }

const char *ein_engine_name(void) {
  static _Thread_local char name[64];
  const dnnl_version_t *version = dnnl_version();
  snprintf(name, sizeof name, "oneDNN %d.%d.%d", version->major, version->minor, version->patch);
  return name;
}

int32_t ein_has_fast_bf16(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return 0;
#endif
}

ein_status ein_check(dnnl_status_t status, const char *what) {
  switch (status) {
    case dnnl_success: return EIN_OK;
    case dnnl_out_of_memory: return ein_fail(EIN_MEMORY, "%s: out of memory", what);
    case dnnl_invalid_arguments: return ein_fail(EIN_INVALID, "%s: oneDNN refuses these arguments", what);
    case dnnl_unimplemented: return ein_fail(EIN_UNSUPPORTED, "%s: oneDNN cannot do this here", what);
    default: return ein_fail(EIN_FAILED, "%s: oneDNN failed with status %d", what, (int)status);
  }
}

ein_status ein_start(void) {
  if (stream) return EIN_OK;
#if defined(__x86_64__)
  // Flush results to zero and read denormals as zero. OpenMP's threads inherit this from the one that starts them.
  _mm_setcsr(_mm_getcsr() | 0x8040);
#endif
  const dnnl_version_t *version = dnnl_version();
  if (version->major != DNNL_VERSION_MAJOR || version->minor < DNNL_VERSION_MINOR) {
    return ein_fail(
      EIN_UNAVAILABLE, "%s is loaded, but this program was built with %d.%d and needs that or a later %d.x; install it or "
      "build anew", ein_engine_name(), DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR, DNNL_VERSION_MAJOR);
  }
  EIN_TRY(ein_check(dnnl_engine_create(&engine, dnnl_cpu, 0), "compute engine"));
  EIN_TRY(ein_check(dnnl_primitive_attr_create(&attributes), "compute engine"));
  EIN_TRY(ein_check(
    dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), "compute engine"));
  EIN_TRY(ein_check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags), "compute engine"));
  return use_threads(1);
}

#else

static int computes_by_openmp(void) { return 0; }

const char *ein_engine_name(void) { return "none (this build has no oneDNN: trait Training is off)"; }

int32_t ein_has_fast_bf16(void) { return 0; }

ein_status ein_start(void) {
  return ein_fail(EIN_UNAVAILABLE, "this build has no oneDNN (trait Training is off)");
}

#endif
