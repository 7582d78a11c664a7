//! The PVH entry: from 32 bits without paging to Rust in long mode.

use caps_firmware::Region;
use core::arch::global_asm;

/// What the entry maps, from address 0 on.
pub(crate) const MAPPED_END: u64 = 1 << 32;
/// Bytes of the stack.
const STACK_BYTES: usize = 64 << 10;

global_asm!(
    // Type 18 of the name "Xen": the address of the 32-bit entry.
    ".pushsection .note.pvh, \"a\", @note",
    ".balign 4",
    ".long 4, 8, 18",
    ".asciz \"Xen\"",
    ".quad pvh_entry",
    ".popsection",
    // Maps the first 4 GiB where they are, in pages of 2 MiB.
    ".pushsection .text.entry, \"ax\"",
    ".code32",
    ".global pvh_entry",
    "pvh_entry:",
    "cli",
    "cld",
    "mov eax, offset level_3",
    "or eax, 3",
    "mov dword ptr [level_4], eax",
    "mov eax, offset level_2",
    "or eax, 3",
    "xor ecx, ecx",
    "2:",
    "mov dword ptr [level_3 + ecx * 8], eax",
    "add eax, 0x1000",
    "inc ecx",
    "cmp ecx, 4",
    "jne 2b",
    "mov eax, 0x83",
    "xor ecx, ecx",
    "3:",
    "mov dword ptr [level_2 + ecx * 8], eax",
    "add eax, 0x200000",
    "inc ecx",
    "cmp ecx, 2048",
    "jne 3b",
    "mov eax, offset level_4",
    "mov cr3, eax",
    // CR4: PAE, OSFXSR, OSXMMEXCPT: compiled code may use SSE.
    "mov eax, cr4",
    "or eax, 0x620",
    "mov cr4, eax",
    // EFER: LME.
    "mov ecx, 0xc0000080",
    "rdmsr",
    "or eax, 0x100",
    "wrmsr",
    // CR0: PG, NE, MP, PE set; EM, TS cleared.
    "mov eax, cr0",
    "and eax, 0xfffffff3",
    "or eax, 0x80000023",
    "mov cr0, eax",
    "lgdt [table_pointer]",
    "mov esp, offset stack_end",
    "push 8",
    "mov eax, offset long_mode",
    "push eax",
    "retf",
    ".code64",
    "long_mode:",
    "mov eax, 16",
    "mov ds, eax",
    "mov es, eax",
    "mov ss, eax",
    "fninit",
    "mov esp, offset stack_end",
    // EBX is the address of the start info since the entry.
    "mov edi, ebx",
    "call {enter}",
    "ud2",
    ".balign 8",
    "table:",
    ".quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff",
    "table_pointer:",
    ".short 23",
    ".long table",
    ".popsection",
    ".pushsection .bss.stack, \"aw\", @nobits",
    ".balign 4096",
    "stack:",
    ".skip {stack_bytes}",
    "stack_end:",
    ".popsection",
    ".pushsection .bss.pages, \"aw\", @nobits",
    ".balign 4096",
    "level_4:",
    ".skip 4096",
    "level_3:",
    ".skip 4096",
    "level_2:",
    ".skip 4 * 4096",
    ".popsection",
    enter = sym enter,
    stack_bytes = const STACK_BYTES,
);

extern "C" fn enter(start_info: u32) -> ! {
    crate::exit(crate::main(start_info.into()))
}

unsafe extern "C" {
    static image_start: u8;
    static image_end: u8;
}

/// Where the program itself is: what it is loaded to, and what it writes.
pub(crate) fn own_region() -> Region {
    let (start, end) = ((&raw const image_start).addr(), (&raw const image_end).addr());
    Region { base: start as u64, len: end.wrapping_sub(start) as u64 }
}
