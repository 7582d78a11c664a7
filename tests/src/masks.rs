//! What of a document differs between libvirt 9.0 and 12.8, masked.

/// Architectures whose machines libvirt 9.0 puts another one in front of.
const OTHER_MACHINE_FIRST: [&str; 6] =
    ["armv6l", "armv7l", "armv7b", "aarch64", "riscv32", "riscv64"];

/// The guests without what depends on the version: those of loongarch64, which 9.0 does not know, external snapshots, and for
/// some which of the machines comes first.
///
/// # Panics
/// Where there is no host in it.
pub fn guests(document: &str) -> String {
    let (_, guests) = document.split_once("  </host>\n").unwrap();
    let blocks = guests.split_inclusive("  </guest>\n");
    let blocks = blocks.filter(|block| !block.contains("<arch name='loongarch64'>"));
    blocks.map(masked_guest).collect::<String>().trim_end().to_owned()
}

fn masked_guest(block: &str) -> String {
    let lines = block.split_inclusive('\n').filter(|line| !line.contains("<externalSnapshot/>"));
    let mut lines: Vec<_> = lines.collect();
    let is_machine = |line: &&str| line.starts_with("      <machine");
    let arch = |arch: &&str| block.contains(&format!("<arch name='{arch}'>"));
    if OTHER_MACHINE_FIRST.iter().any(arch) {
        let first = lines.iter().position(is_machine).unwrap_or(0);
        let count = lines[first..].iter().take_while(|line| is_machine(line)).count();
        lines[first..first + count].sort_unstable();
    }
    lines.concat()
}

/// The host part without what depends on the version.
pub fn masked(document: &str) -> String {
    let host = document.split_inclusive("  </host>\n").next().unwrap_or_default();
    let host = without_blocks(host, "      <bank ", "level='2'", "      </bank>\n");
    let host = without_blocks(&host, "    <energy>", "", "    </energy>\n");
    let lines = host.split_inclusive('\n').filter(|line| !is_of_the_cpu_tables(line));
    lines.map(without_clusters).collect()
}

/// Model and features come from tables that differ.
fn is_of_the_cpu_tables(line: &str) -> bool {
    line.starts_with("      <model>") || line.starts_with("      <feature name='")
}

fn without_clusters(line: &str) -> String {
    let cut = |line: &str, name: &str| match line.split_once(name) {
        Some((before, rest)) => {
            before.to_owned() + rest.split_once('\'').map_or("", |(_, after)| after)
        }
        None => line.to_owned(),
    };
    cut(&cut(line, " clusters='"), " cluster_id='")
}

/// Without the elements whose first line begins with `start` and has `mark`, as far as `end` where they are not empty.
fn without_blocks(text: &str, start: &str, mark: &str, end: &str) -> String {
    let (mut kept, mut skipping) = (String::new(), false);
    for line in text.split_inclusive('\n') {
        let begins = line.starts_with(start) && line.contains(mark);
        if !begins && !skipping {
            kept.push_str(line);
        }
        skipping = (skipping || begins && !line.ends_with("/>\n")) && line != end;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_take_what_they_say() {
        let text = "      <bank id='0' level='2' cpus='0'/>\n      <bank level='3'/>\n      <bank level='2'>\n        \
                    <control/>\n      </bank>\n    <energy>\n      x\n    </energy>\n      <topology dies='1' \
                    clusters='1' cores='2'/>\n  </host>\n\n</capabilities>\n";
        assert_eq!(
            masked(text),
            "      <bank level='3'/>\n      <topology dies='1' cores='2'/>\n  </host>\n"
        );
    }
}
