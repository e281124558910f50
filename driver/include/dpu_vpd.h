/* SPDX-License-Identifier: MIT */
/* Product data of modules: hardware only. There is no flash in a simulator: what would read or
 * write it logs one line, changes nothing and returns DPU_VPD_ERR. Source: documented, SDK 2025.1
 * dpu_vpd.h. */
#ifndef DPUSIM_DPU_VPD_H
#define DPUSIM_DPU_VPD_H

#include <stddef.h>
#include <stdint.h>

#include "dpu_api.h"
#include "dpu_vpd_structures.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where the product data of a rank device is. */
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_get_vpd_path(const char *dev_rank_path, char *vpd_path);
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_get_pull_vpd_path(const char *dev_rank_path,
                                                            char *pull_vpd_path,
                                                            size_t pull_vpd_path_max_size);
/* Read product data from a file. */
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_init(const char *vpd_path, struct dpu_vpd *vpd);
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_db_init(int dual_rank, const char *db_path,
                                                  struct dpu_vpd_database *db);
/* Change one entry of a database; forget a database. */
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_db_update(struct dpu_vpd_database *db, const char *key,
                                                    const uint8_t *value, const int value_len,
                                                    const int value_type);
DPU_API_EXPORT void dpu_vpd_db_destroy(struct dpu_vpd_database *db);
/* Fetch product data from the module's controller. */
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_update_from_mcu(const char *dev_rank_path);
/* Write product data to a file, or to the module. */
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_write(struct dpu_vpd *vpd, const char *vpd_path);
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_db_write(const struct dpu_vpd_database *db,
                                                   const char *db_path);
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_commit_to_device(struct dpu_vpd *vpd,
                                                           const char *device_name);
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_db_commit_to_device(const struct dpu_vpd_database *db,
                                                              const char *device_name);
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_commit_to_device_from_file(const char *vpd_path,
                                                                     const char *device_name);
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_db_commit_to_device_from_file(const char *db_path,
                                                                        const char *device_name);
/* Change repairs and the set of disabled DPUs in *vpd, no flash.
 * Return DPU_VPD_OK; DPU_VPD_ERR_NB_MAX_REPAIR; DPU_VPD_ERR_DPU_ALREADY_{DISABLED,ENABLED};
 * DPU_VPD_ERR for a rank, slice or DPU that cannot be. */
DPU_API_EXPORT enum dpu_vpd_error
dpu_vpd_add_repair_entry(struct dpu_vpd *vpd, struct dpu_vpd_repair_entry *repair_entry);
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_disable_dpu(struct dpu_vpd *vpd,
                                                      uint8_t rank_index_in_dimm, uint8_t slice_id,
                                                      uint8_t dpu_id);
DPU_API_EXPORT enum dpu_vpd_error dpu_vpd_enable_dpu(struct dpu_vpd *vpd,
                                                     uint8_t rank_index_in_dimm, uint8_t slice_id,
                                                     uint8_t dpu_id);

#ifdef __cplusplus
}
#endif

#endif
