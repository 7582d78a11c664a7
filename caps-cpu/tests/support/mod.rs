//! Recorded cases beside the project, and the XML that they expect.
#![allow(dead_code, reason = "each test uses a part")]
use core::fmt::Write;
use std::fs::{read, read_dir, read_to_string};
use std::path::{Path, PathBuf};

use caps_cpu::x86::{GuestCpu, HostCpu, NoModel};

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared");

/// A folder beside the project; says so where it is missing.
pub(crate) fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(SHARED).join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: no ../shared/{folder} beside the project");
    None
}

/// A recorded processor and what libvirt 12.8.0 made of it.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) dump: Vec<u8>,
    path: PathBuf,
}

impl Case {
    /// Returns `true` for a processor that exists.
    pub(crate) fn is_real(&self) -> bool {
        self.path.parent().is_some_and(|folder| folder.ends_with("real"))
    }

    /// The text of the file with this ending, if there is one.
    pub(crate) fn file(&self, ending: &str) -> Option<String> {
        read_to_string(self.path.with_file_name(format!("{}.{ending}", self.name))).ok()
    }
}

/// All cases; none where the folder is missing.
pub(crate) fn cases() -> Vec<Case> {
    let Some(folder) = shared("cases/cpu") else { return Vec::new() };
    let files = ["real", "syn"].iter().flat_map(|kind| read_dir(folder.join(kind)).unwrap());
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "tsv"));
    paths.sort();
    let name = |path: &PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    paths
        .into_iter()
        .map(|path| Case { name: name(&path), dump: read(&path).unwrap(), path })
        .collect()
}

pub(crate) fn host_xml(decoded: Result<HostCpu, NoModel>) -> String {
    let Ok(cpu) = decoded else { return String::from("ERROR: no model") };
    let mut xml = String::from("<cpu>\n  <arch>x86_64</arch>\n");
    writeln!(xml, "  <model>{}</model>", cpu.model.name()).unwrap();
    if let Some(vendor) = cpu.vendor {
        writeln!(xml, "  <vendor>{}</vendor>", vendor.name()).unwrap();
    }
    let signature = cpu.signature;
    if signature.family != 0 {
        let (family, model, stepping) = (signature.family, signature.model, signature.stepping);
        writeln!(xml, "  <signature family='{family}' model='{model}' stepping='{stepping}'/>")
            .unwrap();
    }
    for feature in cpu.features {
        writeln!(xml, "  <feature name='{}'/>", feature.name()).unwrap();
    }
    xml + "</cpu>\n"
}

pub(crate) fn guest_xml(cpu: &GuestCpu) -> String {
    let mut xml = String::from("<cpu mode='custom' match='exact'>\n");
    writeln!(xml, "  <model fallback='forbid'>{}</model>", cpu.model.name()).unwrap();
    if let Some(vendor) = cpu.vendor {
        writeln!(xml, "  <vendor>{}</vendor>", vendor.name()).unwrap();
    }
    for (feature, policy) in cpu.features() {
        writeln!(xml, "  <feature policy='{}' name='{}'/>", policy.name(), feature.name()).unwrap();
    }
    xml + "</cpu>\n"
}
