//! `cargo xtask instructions`: counts instructions under callgrind and holds them against what was counted before. Time
//! depends on the machine and what else it does; instructions depend on the code and the compiler.

use crate::chore::{self, Done, is_installed, root};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The counts that are kept: work, instructions, bytes that the work made.
const BASELINE: &str = "benches/instructions.tsv";
/// How much more or less than the kept count is none of the code's doing, in percent: compilers differ, memory functions too.
const TOLERANCE_PERCENT: u64 = 5;
/// Does twice what the first work does, and has to be refused in its place.
const CONTROL: [&str; 2] = ["write_twice", "write"];

/// What a work costs.
#[derive(Debug, PartialEq, Eq)]
struct Count {
    work: String,
    instructions: u64,
    bytes: u64,
}

/// Counts every work of the baseline. `bless` keeps the counts instead of comparing.
pub(crate) fn run(bless: bool) -> Done {
    if !is_installed("valgrind") {
        println!("==> no valgrind: instructions are not counted");
        return Ok(());
    }
    let cargo = ["build", "--locked", "--release", "-p", "caps-benches"];
    let names = ["--config", "profile.release.strip=\"none\"", "--bin", "instructions"];
    let target = root().join("target/instructions");
    let target_dir = format!("--target-dir={}", target.display());
    chore::run(&root(), "cargo", &[&cargo[..], &names, &[&target_dir]].concat())?;
    let program = target.join("release/instructions");
    let baseline = read_baseline()?;
    let counted: Vec<Count> =
        baseline.iter().map(|kept| count(&program, &kept.work)).collect::<Result<_, _>>()?;
    counted.iter().for_each(print);
    if bless {
        return write_baseline(&counted);
    }
    baseline.iter().zip(&counted).try_for_each(|(kept, counted)| compare(kept, counted))?;
    let [control, work] = CONTROL;
    let control = count(&program, control)?;
    let kept = baseline.iter().find(|kept| kept.work == work).ok_or("no work of the control")?;
    match compare(kept, &control) {
        Err(_) => Ok(()),
        Ok(()) => Err(format!("{} passes for {work}: nothing is compared", control.work)),
    }
}

fn print(count: &Count) {
    let Count { work, instructions, bytes } = count;
    let each = *instructions as f64 / *bytes as f64;
    println!("{work:24} {instructions:>10} instructions, {bytes:>8} bytes: {each:.2} each");
}

fn compare(kept: &Count, counted: &Count) -> Done {
    let change = kept.instructions.abs_diff(counted.instructions);
    if kept.bytes == counted.bytes && change * 100 <= kept.instructions * TOLERANCE_PERCENT {
        return Ok(());
    }
    let Count { work, instructions, bytes } = counted;
    Err(format!(
        "{work}: {instructions} instructions for {bytes} bytes, kept are {} for {}; if that is meant: cargo xtask instructions --bless",
        kept.instructions, kept.bytes
    ))
}

/// Runs one work under callgrind, which tells on standard error.
fn count(program: &PathBuf, work: &str) -> Result<Count, String> {
    let collect = format!("--toggle-collect=*work_{work}");
    let arguments = ["--tool=callgrind", "--callgrind-out-file=/dev/null", &collect];
    let output = Command::new("valgrind").args(arguments).arg(program).arg(work).output();
    let output = output.map_err(|error| format!("valgrind: {error}"))?;
    let (text, log) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let collected = log.lines().find_map(|line| line.split_once("Collected :")).map(|(_, n)| n);
    let number = |text: Option<&str>| text.and_then(|text| text.trim().parse().ok());
    match (number(collected), number(text.lines().last())) {
        (Some(instructions), Some(bytes)) if instructions > 0 => {
            Ok(Count { work: work.into(), instructions, bytes })
        }
        _ => Err(format!("{work} was not counted: {log}")),
    }
}

fn read_baseline() -> Result<Vec<Count>, String> {
    let text = fs::read_to_string(root().join(BASELINE));
    let text = text.map_err(|error| format!("{BASELINE}: {error}"))?;
    let counts: Option<Vec<Count>> = text.lines().skip(1).map(parse).collect();
    counts.filter(|counts| !counts.is_empty()).ok_or_else(|| format!("{BASELINE} is malformed"))
}

fn parse(line: &str) -> Option<Count> {
    let mut fields = line.split('\t');
    let work = fields.next()?.into();
    let (instructions, bytes) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Count { work, instructions, bytes })
}

fn write_baseline(counts: &[Count]) -> Done {
    let mut text = String::from("work\tinstructions\tbytes\n");
    for Count { work, instructions, bytes } in counts {
        let _ = writeln!(text, "{work}\t{instructions}\t{bytes}");
    }
    fs::write(root().join(BASELINE), text).map_err(|error| format!("{BASELINE}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_tolerance_is_refused() {
        let kept = parse("write\t1000\t500").unwrap();
        let counted = |instructions, bytes| Count { work: "write".into(), instructions, bytes };
        assert!(compare(&kept, &counted(1050, 500)).is_ok());
        assert!(compare(&kept, &counted(950, 500)).is_ok());
        assert!(compare(&kept, &counted(1051, 500)).is_err());
        assert!(compare(&kept, &counted(949, 500)).is_err());
        assert!(compare(&kept, &counted(1000, 501)).is_err());
    }
}
