/* SPDX-License-Identifier: MIT */
/* Is this a DPU file at all? The ELF header and the two tables it points to, looked at byte by byte
 * before libelf sees them. Values: documented (ELF32; SDK loader checks class, data, type, machine
 * and version). The ABI number in e_flags is not checked here: older SDKs wrote others. */
#include <ctype.h>
#include <string.h>

#include "bytes.h"
#include "elf_check.h"

#define INVALID(...) isa_fail(diag, DPUSIM_ELF_INVALID, __VA_ARGS__)

enum { HEADER_BYTES = 52, PHDR_BYTES = 32, SHDR_BYTES = 40, TEXT_PROBE_BYTES = 512 };
enum { TABLE_ALIGN_BYTES = 4 };
enum { OFF_TYPE = 16, OFF_MACHINE = 18, OFF_VERSION = 20, OFF_PHOFF = 28, OFF_SHOFF = 32 };
enum { OFF_EHSIZE = 40, OFF_PHENTSIZE = 42, OFF_PHNUM = 44, OFF_SHENTSIZE = 46, OFF_SHNUM = 48 };
enum { OFF_SHSTRNDX = 50 };

static const char *machine_name(unsigned machine)
{
    static const struct {
        unsigned machine;
        const char *name;
    } known[] = {
        {EM_386, "x86 (32-bit)"}, {EM_X86_64, "x86-64"},   {EM_ARM, "ARM"},
        {EM_AARCH64, "AArch64"},  {EM_RISCV, "RISC-V"},    {EM_PPC, "PowerPC"},
        {EM_PPC64, "PowerPC64"},  {EM_MIPS, "MIPS"},       {EM_S390, "S/390"},
        {EM_SPARCV9, "SPARC V9"}, {EM_AMDGPU, "AMD GPUs"}, {EM_CUDA, "NVIDIA GPUs"},
        {EM_BPF, "BPF"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].machine == machine)
            return known[i].name;
    return NULL;
}

static bool looks_like_text(struct isa_bytes image)
{
    size_t probe = image.len_bytes < TEXT_PROBE_BYTES ? image.len_bytes : TEXT_PROBE_BYTES;
    for (size_t i = 0; i < probe; i++) {
        uint8_t byte = image.data[i];
        if (byte < 0x80 && !isprint(byte) && !isspace(byte))
            return false;
    }
    return true;
}

static bool starts_with(struct isa_bytes image, const char *bytes, size_t count)
{
    return image.len_bytes >= count && memcmp(image.data, bytes, count) == 0;
}

static enum dpusim_status not_elf(struct isa_bytes image, const char *name, struct isa_diag *diag)
{
    if (starts_with(image, "!<arch>\n", 8))
        return INVALID("%s: an archive of objects, not a program: link it first", name);
    if (starts_with(image, "BC\xC0\xDE", 4))
        return INVALID("%s: LLVM bitcode, not an ELF file: compile and link it first", name);
    if (image.len_bytes >= 4 && looks_like_text(image))
        return INVALID("%s: not an ELF file but text: is it the .c source? Compile it with the "
                       "DPU compiler first",
                       name);
    return INVALID("%s: not an ELF file: starts with byte 0x%02x, wanted 0x7f 'E' 'L' 'F'", name,
                   image.data[0]);
}

static enum dpusim_status check_magic(struct isa_bytes image, const char *name,
                                      struct isa_diag *diag)
{
    if (!image.data)
        return INVALID("%s: no bytes given (NULL), wanted a DPU program file", name);
    if (image.len_bytes == 0)
        return INVALID("%s: file is empty (0 bytes), wanted a DPU program file", name);
    size_t magic_bytes = image.len_bytes < SELFMAG ? image.len_bytes : SELFMAG;
    if (memcmp(image.data, ELFMAG, magic_bytes) != 0)
        return not_elf(image, name, diag);
    if (image.len_bytes < HEADER_BYTES)
        return INVALID("%s: file ends inside the ELF header: %zu bytes, wanted at least %d", name,
                       image.len_bytes, HEADER_BYTES);
    return DPUSIM_OK;
}

static enum dpusim_status check_ident(const uint8_t *at, const char *name, struct isa_diag *diag)
{
    bool big_endian = at[EI_DATA] == ELFDATA2MSB;
    unsigned machine =
        big_endian ? at[OFF_MACHINE] << 8 | at[OFF_MACHINE + 1] : isa_get16(at + OFF_MACHINE);
    const char *foreign = machine_name(machine);
    if (foreign)
        return INVALID("%s: built for %s (machine %u, wanted %u): compile with the DPU compiler",
                       name, foreign, machine, ISA_EM_DPU);
    if (at[EI_CLASS] != ELFCLASS32)
        return INVALID("%s: %s (class %u), DPU programs are 32-bit ELF (class %d)", name,
                       at[EI_CLASS] == ELFCLASS64 ? "64-bit ELF" : "unknown ELF class",
                       at[EI_CLASS], ELFCLASS32);
    if (at[EI_DATA] != ELFDATA2LSB)
        return INVALID("%s: %s (data encoding %u), DPU programs are little endian (%d)", name,
                       big_endian ? "big endian" : "unknown byte order", at[EI_DATA], ELFDATA2LSB);
    if (machine != ISA_EM_DPU)
        return INVALID("%s: built for machine %u, wanted %u (DPU): compile with the DPU compiler",
                       name, machine, ISA_EM_DPU);
    if (at[EI_VERSION] != EV_CURRENT || isa_get32(at + OFF_VERSION) != EV_CURRENT)
        return INVALID("%s: ELF version %u, wanted %d", name,
                       at[EI_VERSION] != EV_CURRENT ? at[EI_VERSION] : isa_get32(at + OFF_VERSION),
                       EV_CURRENT);
    return DPUSIM_OK;
}

static const char *type_sentence(unsigned found, unsigned wanted)
{
    switch (found) {
    case ET_REL:
        return "an object file, not linked: link it into a program first";
    case ET_EXEC:
        return wanted == ET_CORE ? "a program, not the core file of one"
                                 : "a linked program, wanted an object file";
    case ET_DYN:
        return "a shared object, DPU programs are linked statically";
    case ET_CORE:
        return "a core dump of a DPU, not a program";
    default:
        return "of unknown ELF type";
    }
}

static enum dpusim_status check_type(const uint8_t *at, const char *name, unsigned type,
                                     struct isa_diag *diag)
{
    unsigned found = isa_get16(at + OFF_TYPE);
    if (found != type)
        return INVALID("%s: %s (e_type %u, wanted %u)", name, type_sentence(found, type), found,
                       type);
    if (isa_get16(at + OFF_EHSIZE) != HEADER_BYTES)
        return INVALID("%s: ELF header claims %u bytes (e_ehsize), wanted %d", name,
                       isa_get16(at + OFF_EHSIZE), HEADER_BYTES);
    return DPUSIM_OK;
}

static enum dpusim_status check_program_headers(struct isa_bytes image, const char *name,
                                                struct isa_diag *diag)
{
    unsigned count = isa_get16(image.data + OFF_PHNUM);
    unsigned entry_bytes = isa_get16(image.data + OFF_PHENTSIZE);
    uint32_t offset = isa_get32(image.data + OFF_PHOFF);
    if (count == 0 || offset == 0)
        return INVALID("%s: no program headers (e_phnum %u at offset %u): nothing to load", name,
                       count, offset);
    if (count == PN_XNUM)
        return INVALID("%s: e_phnum is 0xffff, wanted the real number of program headers", name);
    if (entry_bytes != PHDR_BYTES)
        return INVALID("%s: program headers of %u bytes (e_phentsize), wanted %d", name,
                       entry_bytes, PHDR_BYTES);
    if (offset % TABLE_ALIGN_BYTES != 0)
        return INVALID("%s: program headers at offset %u, wanted a multiple of %d", name, offset,
                       TABLE_ALIGN_BYTES);
    if (!isa_fits(offset, (uint64_t)count * PHDR_BYTES, image.len_bytes))
        return INVALID("%s: %u program headers at offset %u end past the file's %zu bytes", name,
                       count, offset, image.len_bytes);
    return DPUSIM_OK;
}

static enum dpusim_status check_section_headers(struct isa_bytes image, const char *name,
                                                struct isa_diag *diag)
{
    unsigned count = isa_get16(image.data + OFF_SHNUM);
    unsigned entry_bytes = isa_get16(image.data + OFF_SHENTSIZE);
    unsigned names = isa_get16(image.data + OFF_SHSTRNDX);
    uint32_t offset = isa_get32(image.data + OFF_SHOFF);
    if (count == 0 && offset == 0)
        return DPUSIM_OK;
    if (count == 0 || count >= SHN_LORESERVE)
        return INVALID("%s: e_shnum is %u with a section table at offset %u, wanted 1 to %u", name,
                       count, offset, SHN_LORESERVE - 1);
    if (entry_bytes != SHDR_BYTES)
        return INVALID("%s: section headers of %u bytes (e_shentsize), wanted %d", name,
                       entry_bytes, SHDR_BYTES);
    if (offset % TABLE_ALIGN_BYTES != 0)
        return INVALID("%s: section headers at offset %u, wanted a multiple of %d", name, offset,
                       TABLE_ALIGN_BYTES);
    if (!isa_fits(offset, (uint64_t)count * SHDR_BYTES, image.len_bytes))
        return INVALID("%s: %u section headers at offset %u end past the file's %zu bytes", name,
                       count, offset, image.len_bytes);
    if (names >= count)
        return INVALID("%s: section name table is section %u (e_shstrndx), the file has %u", name,
                       names, count);
    return DPUSIM_OK;
}

enum dpusim_status isa_elf_check_header(struct isa_bytes image, const char *name, unsigned type,
                                        struct isa_diag *diag)
{
    enum dpusim_status status = check_magic(image, name, diag);
    if (status == DPUSIM_OK)
        status = check_ident(image.data, name, diag);
    if (status == DPUSIM_OK)
        status = check_type(image.data, name, type, diag);
    if (status == DPUSIM_OK && type != ET_REL)
        status = check_program_headers(image, name, diag);
    if (status == DPUSIM_OK)
        status = check_section_headers(image, name, diag);
    return status;
}
