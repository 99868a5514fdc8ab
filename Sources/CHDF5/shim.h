#pragma once
#include <hdf5.h>
#include <string.h>

// What <hdf5.h> defines by macros that Swift does not import, and what 1.10 and 1.12 name differently.

static inline hid_t hdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t hdf5_all(void) { return H5S_ALL; }
static inline hid_t hdf5_error_stack(void) { return H5E_DEFAULT; }
static inline unsigned hdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned hdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline haddr_t hdf5_no_address(void) { return HADDR_UNDEF; }

static inline hid_t hdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t hdf5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t hdf5_dataset_access(void) { return H5P_DATASET_ACCESS; }
static inline hid_t hdf5_link_create(void) { return H5P_LINK_CREATE; }

static inline hid_t hdf5_c_text(void) { return H5T_C_S1; }
static inline hid_t hdf5_float32(int big) { return big ? H5T_IEEE_F32BE : H5T_IEEE_F32LE; }
static inline hid_t hdf5_float64(int big) { return big ? H5T_IEEE_F64BE : H5T_IEEE_F64LE; }
static inline hid_t hdf5_int8(int big) { return big ? H5T_STD_I8BE : H5T_STD_I8LE; }
static inline hid_t hdf5_int16(int big) { return big ? H5T_STD_I16BE : H5T_STD_I16LE; }
static inline hid_t hdf5_int32(int big) { return big ? H5T_STD_I32BE : H5T_STD_I32LE; }
static inline hid_t hdf5_int64(int big) { return big ? H5T_STD_I64BE : H5T_STD_I64LE; }
static inline hid_t hdf5_uint8(int big) { return big ? H5T_STD_U8BE : H5T_STD_U8LE; }
static inline hid_t hdf5_uint16(int big) { return big ? H5T_STD_U16BE : H5T_STD_U16LE; }
static inline hid_t hdf5_uint32(int big) { return big ? H5T_STD_U32BE : H5T_STD_U32LE; }
static inline hid_t hdf5_uint64(int big) { return big ? H5T_STD_U64BE : H5T_STD_U64LE; }

typedef H5L_info_t hdf5_link_info;
typedef herr_t (*hdf5_link_visitor)(hid_t group, const char *name, const hdf5_link_info *info, void *context);

static inline herr_t hdf5_visit_links(hid_t group, hdf5_link_visitor visitor, void *context) {
  hsize_t start = 0;
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &start, visitor, context);
}

// The address of the object that a hard link names: the same for every link to it.
static inline uint64_t hdf5_link_address(const hdf5_link_info *info) {
#if H5_VERSION_GE(1, 12, 0)
  uint64_t address;
  memcpy(&address, &info->u.token, sizeof address);
  return address;
#else
  return info->u.address;
#endif
}
