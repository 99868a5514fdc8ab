// Counts how often a thread asks for memory; part of no product.
//
// `malloc` and its kin are defined here for the whole process and hand on to the C library's. Only glibc has the
// names to do so; elsewhere nothing is counted.
#pragma once

/// How many blocks of memory this thread has asked for, -1 if they are not counted.
long allocation_count(void);

/// How many all threads have asked for, -1 if they are not counted.
long allocation_total(void);
