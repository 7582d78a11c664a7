//! The other two forms of a TSV dump, made without the product's own reader.

use std::fmt::Write;

/// The words of a line after its kind, if it is of this kind.
fn numbers<'t>(line: &'t str, kind: &str) -> Option<Vec<&'t str>> {
    line.strip_prefix(kind)?.strip_prefix('\t').map(|rest| rest.split('\t').collect())
}

/// The text of `cpuid -r` for this many CPUs that are alike. It has no MSRs.
pub(crate) fn raw(tsv: &str, cpus: usize) -> String {
    let mut text = String::new();
    for cpu in 0..cpus {
        writeln!(text, "CPU {cpu}:").unwrap();
        for words in tsv.lines().filter_map(|line| numbers(line, "cpuid")) {
            let [leaf, subleaf, eax, ebx, ecx, edx] = words[..] else { panic!("{words:?}") };
            writeln!(text, "   {leaf} {subleaf}: eax={eax} ebx={ebx} ecx={ecx} edx={edx}").unwrap();
        }
    }
    text
}

/// libvirt's saved data.
pub(crate) fn cpudata(tsv: &str) -> String {
    let mut text = String::from("<!-- Of a host -->\n<cpudata arch='x86'>\n");
    for line in tsv.lines() {
        if let Some([leaf, subleaf, eax, ebx, ecx, edx]) = numbers(line, "cpuid").as_deref() {
            writeln!(text, "  <cpuid eax_in='{leaf}' ecx_in='{subleaf}' eax='{eax}' ebx='{ebx}' ecx='{ecx}' edx='{edx}'/>").unwrap();
        } else if let Some([index, low, high]) = numbers(line, "msr").as_deref() {
            writeln!(text, "  <msr index='{index}' eax='{low}' edx='{high}'/>").unwrap();
        }
    }
    text + "</cpudata>\n"
}

/// The dump without its MSRs.
pub(crate) fn without_msrs(tsv: &str) -> String {
    tsv.lines().filter(|line| !line.starts_with("msr")).map(|line| format!("{line}\n")).collect()
}
