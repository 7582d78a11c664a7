//! The other forms of a TSV dump, made without the product's own reader.

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

/// Lines of InstLatx64; subleaves are marked, or numbered by their order if that says the same.
pub(crate) fn aida(tsv: &str, marked: bool) -> String {
    let digits = |word: &str| format!("{:08X}", u32::from_str_radix(&word[2..], 16).unwrap());
    let mut text = String::from(
        "------[ Logical CPU #0 ]------\n\nallcpu: Package 0 / Core 0 / Thread 0: Valid\n",
    );
    for words in tsv.lines().filter_map(|line| numbers(line, "cpuid")) {
        let mark = format!(" [SL {:02X}]", u32::from_str_radix(&words[1][2..], 16).unwrap());
        let registers: Vec<String> = words[2..].iter().map(|word| digits(word)).collect();
        let mark = if marked { mark.as_str() } else { "" };
        writeln!(text, "CPUID {}: {}{mark}", digits(words[0]), registers.join("-")).unwrap();
    }
    for words in tsv.lines().filter_map(|line| numbers(line, "msr")) {
        let [low, high] = [digits(words[1]), digits(words[2])];
        let groups = [&high[..4], &high[4..], &low[..4], &low[4..]].join("-");
        writeln!(text, "MSR {}: {groups}", digits(words[0])).unwrap();
    }
    text
}

/// Raw data of libcpuid, which has subleaf 0 alone of most leaves and no MSRs.
pub(crate) fn libcpuid(tsv: &str) -> String {
    let mut text = String::from("version=0.6.4\nbuild_date=today\n____ Logical CPU #0 ____\n");
    for words in tsv.lines().filter_map(|line| numbers(line, "cpuid")) {
        let number = |word: &str| u32::from_str_radix(&word[2..], 16).unwrap();
        let registers: Vec<String> =
            words[2..].iter().map(|word| format!("{:08x}", number(word))).collect();
        let place = match (number(words[0]), number(words[1])) {
            (leaf @ ..=0x1f, 0) => format!("basic_cpuid[{leaf}]"),
            (leaf @ 0x8000_0000..=0x8000_001f, 0) => format!("ext_cpuid[{}]", leaf & 0xff),
            (4, subleaf) => format!("intel_fn4[{subleaf}]"),
            (0x12, subleaf) => format!("intel_fn12h[{subleaf}]"),
            _ => continue,
        };
        writeln!(text, "{place}={}", registers.join(" ")).unwrap();
    }
    text
}

/// The dump without what [`libcpuid`] leaves out.
pub(crate) fn as_libcpuid(tsv: &str) -> String {
    let number = |word: &str| u32::from_str_radix(&word[2..], 16).unwrap();
    let is_kept = |line: &&str| {
        numbers(line, "cpuid").is_some_and(|words| {
            let (leaf, subleaf) = (number(words[0]), number(words[1]));
            let has_leaf = matches!(leaf, 0..=0x1f | 0x8000_0000..=0x8000_001f);
            subleaf == 0 && has_leaf || matches!(leaf, 4 | 0x12)
        })
    };
    tsv.lines().filter(is_kept).map(|line| format!("{line}\n")).collect()
}

/// The dump without its MSRs.
pub(crate) fn without_msrs(tsv: &str) -> String {
    tsv.lines().filter(|line| !line.starts_with("msr")).map(|line| format!("{line}\n")).collect()
}
