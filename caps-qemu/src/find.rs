//! Which emulator serves which architecture.

use crate::target::suffix;
use caps_core::Arch;

/// The emulator of Red Hat's, for the host's own architecture only.
const LIBEXEC: &[u8] = b"/usr/libexec/qemu-kvm";
/// Where that one lies.
pub(crate) const LIBEXEC_PLACE: &[u8] = b"/usr/libexec";

/// An architecture with its emulator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Of the guest.
    pub arch: Arch,
    /// The emulator as it was found: an absolute path, raw bytes, links not resolved, `.` and `..` folded.
    pub emulator: Vec<u8>,
}

/// The emulators that libvirt takes on a host of the architecture `host`, in the order of the document: one for each
/// architecture, if there is one.
///
/// `path` is `PATH`; its relative places are skipped. `is_executable` tells of an absolute path whether a regular file is
/// there that the caller may execute.
pub fn find(
    host: Option<Arch>,
    path: &[u8],
    is_executable: &mut dyn FnMut(&[u8]) -> bool,
) -> Vec<Found> {
    let mut search = Search { path, is_executable };
    let found = Arch::all().filter_map(|arch| {
        let emulator = search.emulator(host, arch)?;
        Some(Found { arch, emulator })
    });
    found.collect()
}

/// The places of `PATH` that emulators are looked for in: absolute ones, raw bytes.
pub fn places(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&byte| byte == b':').filter(|place| place.starts_with(b"/"))
}

struct Search<'s> {
    path: &'s [u8],
    is_executable: &'s mut dyn FnMut(&[u8]) -> bool,
}

impl Search<'_> {
    fn emulator(&mut self, host: Option<Arch>, guest: Arch) -> Option<Vec<u8>> {
        let native = host.filter(|&host| host.runs(guest));
        let wide = (native == Some(Arch::AARCH64)).then_some(Arch::AARCH64);
        let archs = wide.into_iter().chain([guest, fallback(native, guest)]);
        let mut names = archs.map(|arch| format!("qemu-system-{}", suffix(arch)));
        let named = names.find_map(|name| self.named(name.as_bytes()));
        named.or_else(|| {
            let libexec = native.is_some() && (self.is_executable)(LIBEXEC);
            libexec.then(|| LIBEXEC.to_vec())
        })
    }

    /// The first along `PATH`.
    fn named(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let mut candidates = places(self.path).map(|place| [place, b"/".as_slice(), name].concat());
        candidates.find(|candidate| (self.is_executable)(candidate)).map(|path| folded(&path))
    }
}

/// The architecture whose emulator runs `guest` if there is none of its own.
fn fallback(native: Option<Arch>, guest: Arch) -> Arch {
    match native.unwrap_or(guest) {
        Arch::PPC64LE => Arch::PPC64,
        arch => arch,
    }
}

/// An absolute path without empty parts, `.` and `..`.
pub(crate) fn folded(path: &[u8]) -> Vec<u8> {
    let mut parts = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.iter().flat_map(|part| [b"/".as_slice(), part]).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Architectures and emulators on a host that has these executables.
    fn found(host: &str, path: &str, files: &[&str]) -> Vec<(&'static str, String)> {
        let mut there = |path: &[u8]| files.iter().any(|file| file.as_bytes() == path);
        let found = find(Arch::from_name(host), path.as_bytes(), &mut there);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        found.into_iter().map(|found| (found.arch.name(), text(found.emulator))).collect()
    }

    fn emulators(host: &str, names: &[&str]) -> Vec<(&'static str, String)> {
        let files: Vec<_> = names.iter().map(|name| format!("/b/qemu-system-{name}")).collect();
        let files: Vec<_> = files.iter().map(String::as_str).collect();
        let name = |path: String| path.trim_start_matches("/b/qemu-system-").to_owned();
        found(host, "/b", &files).into_iter().map(|(arch, path)| (arch, name(path))).collect()
    }

    fn pairs(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        pairs.iter().map(|&(arch, path)| (arch, path.to_owned())).collect()
    }

    #[test]
    fn the_first_place_counts() {
        let files = [
            "/c/qemu-system-sh4",
            "/b/x/../qemu-system-sh4",
            "qemu-system-sh4",
            "//qemu-system-sh4",
        ];
        let path = ":.:/a:/b/x/..:/c";
        assert_eq!(found("x86_64", path, &files), pairs(&[("sh4", "/b/qemu-system-sh4")]));
        assert_eq!(found("x86_64", "/", &files), pairs(&[("sh4", "/qemu-system-sh4")]));
        assert_eq!(found("x86_64", "", &files), []);
    }

    #[test]
    fn a_host_runs_its_relatives() {
        assert_eq!(
            emulators("x86_64", &["x86_64"]),
            pairs(&[("i686", "x86_64"), ("x86_64", "x86_64")])
        );
        assert_eq!(
            emulators("x86_64", &["i386", "x86_64"]),
            pairs(&[("i686", "i386"), ("x86_64", "x86_64")])
        );
        assert_eq!(emulators("s390x", &["x86_64"]), pairs(&[("x86_64", "x86_64")]));
        assert_eq!(emulators("x86_64", &["aarch64"]), pairs(&[("aarch64", "aarch64")]));
        assert_eq!(
            emulators("aarch64", &["aarch64", "arm"]),
            pairs(&[("armv6l", "arm"), ("armv7l", "aarch64"), ("aarch64", "aarch64")])
        );
        let both = pairs(&[("ppc64", "ppc64"), ("ppc64le", "ppc64")]);
        assert_eq!(emulators("ppc64le", &["ppc64"]), both);
        assert_eq!(emulators("ppc64", &["ppc64"]), both);
        assert_eq!(emulators("", &["ppc64"]), both);
    }

    #[test]
    fn libexec_serves_the_host_alone() {
        let libexec = "/usr/libexec/qemu-kvm";
        assert_eq!(
            found("x86_64", "/b", &[libexec]),
            pairs(&[("i686", libexec), ("x86_64", libexec)])
        );
        assert_eq!(found("s390x", "/b", &[libexec]), pairs(&[("s390x", libexec)]));
        assert_eq!(found("", "/b", &[libexec]), []);
    }

    #[test]
    fn names_of_today_are_not_looked_for() {
        assert_eq!(
            emulators(
                "x86_64",
                &["or1k", "hppa", "avr", "rx", "tricore", "arm64", "x86_64-microvm"]
            ),
            []
        );
        assert_eq!(emulators("x86_64", &["or32"]), pairs(&[("openrisc", "or32")]));
    }
}
