/* SPDX-License-Identifier: MIT */
/* What only real modules have: product data in flash, counters of the bank interface, private
 * commands of back ends. The calls exist so that programs link; each says in one line of the log
 * that there is no such part here. Which of them fail: documented (headers of SDK 2025.1). */
#include "include/dpu_bank_interface_pmc.h"
#include "include/dpu_custom.h"
#include "include/dpu_vpd.h"
#include "low.h"

/* ---- counters of the bank interface ---------------------------------------------------------- */

static dpu_error_t no_counters(struct dpu_set_t set, const char *call)
{
    if (set.kind != DPU_SET_DPU)
        return drv_fail(DPU_ERR_INTERNAL, "%s: wanted a set of one DPU", call);
    return drv_fail(DPU_ERR_DRIVER,
                    "%s: the bank interface and its counters exist in hardware only; "
                    "dpusim_read_statistic has the DMA traffic of a launch",
                    call);
}

dpu_error_t dpu_bank_interface_pmc_enable(struct dpu_set_t set,
                                          bank_interface_pmc_config_t configuration)
{
    (void)configuration;
    return no_counters(set, __func__);
}

dpu_error_t dpu_bank_interface_pmc_disable(struct dpu_set_t set)
{
    return no_counters(set, __func__);
}

dpu_error_t dpu_bank_interface_pmc_stop_counters(struct dpu_set_t set)
{
    return no_counters(set, __func__);
}

dpu_error_t dpu_bank_interface_pmc_read_counters(struct dpu_set_t set,
                                                 bank_interface_pmc_result_t *result)
{
    (void)result;
    return no_counters(set, __func__);
}

/* ---- private commands of back ends ----------------------------------------------------------- */

static dpu_error_t ignore_command(dpu_custom_command_t command, const char *call)
{
    if (command > DPU_COMMAND_SET_SLICE_INFO)
        return drv_fail(DPU_ERR_DRIVER, "%s: command %d is unknown; the last one is %d", call,
                        (int)command, (int)DPU_COMMAND_SET_SLICE_INFO);
    drv_log(DRV_INFO, "hardware", "%s: command %d is for back ends of the SDK; nothing to do", call,
            (int)command);
    return DPU_OK;
}

dpu_error_t dpu_custom_for_rank(struct dpu_rank_t *rank, dpu_custom_command_t command,
                                dpu_custom_command_args_t args)
{
    (void)args;
    dpu_error_t error = drv_low_rank(rank, __func__);
    if (error)
        return error;
    drv_low_leave(rank);
    return ignore_command(command, __func__);
}

dpu_error_t dpu_custom_for_dpu(struct dpu_t *dpu, dpu_custom_command_t command,
                               dpu_custom_command_args_t args)
{
    (void)args;
    dpu_error_t error = drv_low_dpu(dpu, __func__);
    if (error)
        return error;
    drv_low_leave(dpu->rank);
    return ignore_command(command, __func__);
}

/* ---- product data ---------------------------------------------------------------------------- */

static enum dpu_vpd_error no_flash(const char *call, const char *of)
{
    drv_log(DRV_WARNING, "vpd", "%s: %s: simulated modules have no product data", call,
            of ? of : "NULL");
    return DPU_VPD_ERR;
}

enum dpu_vpd_error dpu_vpd_get_vpd_path(const char *dev_rank_path, char *vpd_path)
{
    (void)vpd_path;
    return no_flash(__func__, dev_rank_path);
}

enum dpu_vpd_error dpu_vpd_get_pull_vpd_path(const char *dev_rank_path, char *pull_vpd_path,
                                             size_t pull_vpd_path_max_size)
{
    (void)pull_vpd_path;
    (void)pull_vpd_path_max_size;
    return no_flash(__func__, dev_rank_path);
}

enum dpu_vpd_error dpu_vpd_init(const char *vpd_path, struct dpu_vpd *vpd)
{
    (void)vpd;
    return no_flash(__func__, vpd_path);
}

enum dpu_vpd_error dpu_vpd_db_init(int dual_rank, const char *db_path, struct dpu_vpd_database *db)
{
    (void)dual_rank;
    (void)db;
    return no_flash(__func__, db_path);
}

enum dpu_vpd_error dpu_vpd_db_update(struct dpu_vpd_database *db, const char *key,
                                     const uint8_t *value, const int value_len,
                                     const int value_type)
{
    (void)db;
    (void)value;
    (void)value_len;
    (void)value_type;
    return no_flash(__func__, key);
}

void dpu_vpd_db_destroy(struct dpu_vpd_database *db)
{
    if (db)
        db->first = NULL;
}

enum dpu_vpd_error dpu_vpd_update_from_mcu(const char *dev_rank_path)
{
    return no_flash(__func__, dev_rank_path);
}

enum dpu_vpd_error dpu_vpd_write(struct dpu_vpd *vpd, const char *vpd_path)
{
    (void)vpd;
    return no_flash(__func__, vpd_path);
}

enum dpu_vpd_error dpu_vpd_db_write(const struct dpu_vpd_database *db, const char *db_path)
{
    (void)db;
    return no_flash(__func__, db_path);
}

enum dpu_vpd_error dpu_vpd_commit_to_device(struct dpu_vpd *vpd, const char *device_name)
{
    (void)vpd;
    return no_flash(__func__, device_name);
}

enum dpu_vpd_error dpu_vpd_db_commit_to_device(const struct dpu_vpd_database *db,
                                               const char *device_name)
{
    (void)db;
    return no_flash(__func__, device_name);
}

enum dpu_vpd_error dpu_vpd_commit_to_device_from_file(const char *vpd_path, const char *device_name)
{
    (void)vpd_path;
    return no_flash(__func__, device_name);
}

enum dpu_vpd_error dpu_vpd_db_commit_to_device_from_file(const char *db_path,
                                                         const char *device_name)
{
    (void)db_path;
    return no_flash(__func__, device_name);
}

/* The three below change a structure of the caller, which needs no module. */

enum dpu_vpd_error dpu_vpd_add_repair_entry(struct dpu_vpd *vpd,
                                            struct dpu_vpd_repair_entry *repair_entry)
{
    if (!vpd || !repair_entry)
        return DPU_VPD_ERR;
    uint16_t *count = &vpd->vpd_header.repair_count;
    if (*count == VPD_UNDEFINED_REPAIR_COUNT)
        *count = 0;
    if (*count >= NB_MAX_REPAIR) {
        drv_log(DRV_WARNING, "vpd", "%s: all %zu entries are in use", __func__,
                (size_t)NB_MAX_REPAIR);
        return DPU_VPD_ERR_NB_MAX_REPAIR;
    }
    vpd->repair_entries[(*count)++] = *repair_entry;
    return DPU_VPD_OK;
}

static enum dpu_vpd_error set_disabled(struct dpu_vpd *vpd, uint8_t rank, uint8_t slice,
                                       uint8_t member, bool disabled)
{
    if (!vpd || rank >= VPD_MAX_RANK || slice >= DRV_MAX_SLICES || member >= DRV_MAX_MEMBERS)
        return DPU_VPD_ERR;
    uint64_t *mask = &vpd->vpd_header.ranks[rank].dpu_disabled;
    uint64_t bit = UINT64_C(1) << (slice * DRV_MAX_MEMBERS + member);
    if (!(*mask & bit) == !disabled)
        return disabled ? DPU_VPD_ERR_DPU_ALREADY_DISABLED : DPU_VPD_ERR_DPU_ALREADY_ENABLED;
    *mask ^= bit;
    return DPU_VPD_OK;
}

enum dpu_vpd_error dpu_vpd_disable_dpu(struct dpu_vpd *vpd, uint8_t rank_index_in_dimm,
                                       uint8_t slice_id, uint8_t dpu_id)
{
    return set_disabled(vpd, rank_index_in_dimm, slice_id, dpu_id, true);
}

enum dpu_vpd_error dpu_vpd_enable_dpu(struct dpu_vpd *vpd, uint8_t rank_index_in_dimm,
                                      uint8_t slice_id, uint8_t dpu_id)
{
    return set_disabled(vpd, rank_index_in_dimm, slice_id, dpu_id, false);
}
