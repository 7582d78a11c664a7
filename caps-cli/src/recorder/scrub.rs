//! Takes out of a record what tells one machine from another: UUIDs, serial numbers, people.
//!
//! The document of what remains is the same but for its UUID.

use super::answers::places;
use super::node::{Node, Seen};
use caps_core::{Arch, Uuid};
use caps_cpu::{CpuidSource, Registers, SourceFailure};
use caps_linux::parse::conf::{Conf, ConfError, FILE_BYTES, Fault, Settings, Value};
use caps_linux::parse::line::{find, lines};
use caps_linux::{ConfFile, Facts};

/// Stands for any UUID.
const DIGITS: &[u8; 32] = b"123456789abc4def8123456789abcdef";
const UUID: Uuid = Uuid(0x1234_5678_9abc_4def_8123_4567_89ab_cdef_u128.to_be_bytes());

const UUID_FILES: [&[u8]; 3] = [
    b"/sys/devices/virtual/dmi/id/product_uuid",
    b"/sys/class/dmi/id/product_uuid",
    b"/etc/machine-id",
];
const CONF_FILES: [ConfFile; 3] = [ConfFile::Libvirtd, ConfFile::Virtqemud, ConfFile::Qemu];
/// Settings that the document depends on; the others hold addresses and passwords.
const SETTINGS: [&str; 6] =
    [HOST_UUID, "host_uuid_source", "security_driver", "security_require_confined", USER, GROUP];
const HOST_UUID: &str = "host_uuid";
const USER: &str = "user";
const GROUP: &str = "group";
/// Accounts that emulators may run as, beside those that `qemu.conf` names.
const ACCOUNTS: [&[u8]; 3] = [b"root", b"libvirt-qemu", b"qemu"];
/// Daemons whose profiles of AppArmor count; others carry the UUIDs of guests.
const DAEMONS: [&[u8]; 2] = [b"libvirtd ", b"virtqemud "];

/// Scrubs the files of a host with these facts.
pub(crate) fn files(root: &mut Node, facts: &Facts<'_>) {
    for path in UUID_FILES {
        edit(root, path, made_up);
    }
    for file in CONF_FILES {
        move_conf(root, facts.config_dir, file);
    }
    let accounts = accounts(root);
    for path in [b"/etc/passwd".as_slice(), b"/etc/group"] {
        edit(root, path, |text| kept(text, |line| account(line, &accounts)));
    }
    edit(root, b"/sys/kernel/security/apparmor/profiles", |text| kept(text, profile));
    // Elsewhere it tells serial numbers, and only whether it is there counts.
    if !Arch::from_machine(facts.machine).is_some_and(Arch::is_x86) {
        edit(root, b"/proc/cpuinfo", |_| Vec::new());
    }
}

/// The places of `PATH` where something was found, for [`facts`].
pub(crate) fn path(root: &mut Node, facts: &Facts<'_>) -> Vec<u8> {
    let found = places(facts.path).filter(|place| root.find(place).is_some());
    found.collect::<Vec<_>>().join(&b':')
}

/// Facts that name neither a machine nor a person. `path` is from the scrubbed files.
pub(crate) fn facts<'f>(facts: &Facts<'f>, path: &'f [u8]) -> Facts<'f> {
    let random_uuid = facts.random_uuid.map(|uuid| if uuid.is_valid() { UUID } else { uuid });
    Facts { random_uuid, path, config_dir: Facts::SYSTEM_CONFIG, ..facts.clone() }
}

/// CPUID without the serial number of the processor.
pub(crate) struct WithoutSerial<'s>(pub(crate) &'s dyn CpuidSource);

impl CpuidSource for WithoutSerial<'_> {
    fn cpuid(&self, leaf: u32, subleaf: u32) -> Registers {
        if leaf == 3 { Registers::default() } else { self.0.cpuid(leaf, subleaf) }
    }

    fn msr(&self, index: u32) -> Option<u64> {
        self.0.msr(index)
    }

    fn take_failure(&self) -> Option<SourceFailure> {
        self.0.take_failure()
    }
}

fn edit(root: &mut Node, path: &[u8], change: impl FnOnce(&[u8]) -> Vec<u8>) {
    if let Some(Node { seen: Seen::File(text), .. }) = root.find(path) {
        *text = change(text);
    }
}

/// The same text with the digits of another UUID. What makes a UUID one that libvirt does not print stays.
fn made_up(text: &[u8]) -> Vec<u8> {
    let (parsed, zeros_stay) = match caps_linux::parse::uuid::uuid(text) {
        Ok(uuid) => (uuid.is_valid(), false),
        Err(part) => (true, !part.is_valid()),
    };
    let mut digits = DIGITS.iter().cycle();
    let change = |&byte: &u8| match byte {
        b'0' if zeros_stay => byte,
        _ if byte.is_ascii_hexdigit() && parsed => digits.next().copied().unwrap_or(byte),
        _ => byte,
    };
    text.iter().map(change).collect()
}

/// Moves a configuration file to where the system's daemon has it, since the name of the user's directory tells who it is.
fn move_conf(root: &mut Node, directory: &[u8], file: ConfFile) {
    let path = |directory: &[u8]| [directory, file.name().as_bytes()].join(b"/".as_slice());
    let Some(node) = root.take(&path(directory)) else { return };
    let seen = match node.seen {
        Seen::File(text) => Seen::File(conf(file, &text)),
        other => other,
    };
    root.put(&path(Facts::SYSTEM_CONFIG), seen);
}

/// The settings that count. A file that libvirt refuses stays one, for the same reason in the same line.
fn conf(file: ConfFile, text: &[u8]) -> Vec<u8> {
    match read_conf(file, text) {
        Ok(settings) => kept_settings(&settings),
        Err(ConfError::Syntax { line, fault }) => on_line(line, faulty(fault)),
        // A list of anything but strings is of no kind.
        Err(ConfError::Kind { line, name, .. }) => on_line(line, &format!("{name} = [ 0 ]")),
        Err(ConfError::LongValue { line, name }) => {
            on_line(line, &format!("{name} = '{}'", "x".repeat(1024)))
        }
        Err(ConfError::TooLong) => vec![b'#'; FILE_BYTES as usize + 1],
    }
}

fn read_conf(file: ConfFile, text: &[u8]) -> Result<Settings, ConfError> {
    let mut conf = if file == ConfFile::Qemu { Conf::qemu() } else { Conf::daemon() };
    conf.feed(text);
    conf.finish()
}

fn on_line(line: u32, text: &str) -> Vec<u8> {
    let lines_before = vec![b'\n'; (line as usize).saturating_sub(1)];
    [&lines_before, text.as_bytes()].concat()
}

/// The shortest line with this fault.
const fn faulty(fault: Fault) -> &'static str {
    match fault {
        Fault::Setting => "?",
        Fault::Value => "a = ?",
        Fault::Separator => "a = 1 ?",
        Fault::ItemSeparator => "a = [ 1 ?",
        Fault::CommentInList => "a = [ #",
        Fault::ListEnd => "a = [",
        Fault::Quote => "a = '",
        Fault::Digits => "a = +",
    }
}

fn kept_settings(settings: &Settings) -> Vec<u8> {
    let setting = |name: &&str| {
        let value = written(name, settings.value(name)?);
        Some([name.as_bytes(), b" = ", &value, b"\n"].concat())
    };
    SETTINGS.iter().filter_map(setting).flatten().collect()
}

/// A value as it is written.
fn written(name: &str, value: Value<'_>) -> Vec<u8> {
    match value {
        Value::Text(text) if name == HOST_UUID => quoted(&made_up(text)),
        Value::Text(text) => quoted(text),
        Value::Number(number) => number.to_string().into_bytes(),
        Value::List(items) => {
            let items: Vec<_> = items.map(quoted).collect();
            [b"[ ", items.join(b", ".as_slice()).as_slice(), b" ]"].concat()
        }
    }
}

/// A string in the quotes that it can have had.
fn quoted(text: &[u8]) -> Vec<u8> {
    let quote: &[u8] = match text {
        _ if text.iter().any(|byte| b"\n\r".contains(byte)) => b"\"\"\"",
        _ if !text.contains(&b'"') => b"\"",
        _ if !text.contains(&b'\'') => b"'",
        _ => b"\"\"\"",
    };
    [quote, text, quote].concat()
}

/// The accounts that the document can depend on.
fn accounts(root: &mut Node) -> Vec<Vec<u8>> {
    let mut accounts: Vec<_> = ACCOUNTS.into_iter().map(Vec::from).collect();
    edit(root, b"/etc/libvirt/qemu.conf", |text| {
        if let Ok(settings) = read_conf(ConfFile::Qemu, text) {
            let named = [USER, GROUP].into_iter().filter_map(|name| settings.text(name));
            accounts.extend(named.map(<[u8]>::to_vec));
        }
        text.to_vec()
    });
    accounts
}

/// What `keep` leaves of the lines of a file.
fn kept(text: &[u8], keep: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<u8> {
    lines(text).filter_map(keep).flat_map(|line| [line, b"\n".to_vec()].concat()).collect()
}

/// Name and number of one of `accounts`; the rest of the line tells of a person.
fn account(line: &[u8], accounts: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut fields: Vec<&[u8]> = line.split(|&byte| byte == b':').collect();
    let name = *fields.first()?;
    for (index, field) in fields.iter_mut().enumerate() {
        match index {
            0 | 2 => {}
            1 => *field = b"x",
            _ => *field = b"",
        }
    }
    accounts.iter().any(|account| account == name).then(|| fields.join(&b':'))
}

fn profile(line: &[u8]) -> Option<Vec<u8>> {
    DAEMONS.iter().any(|daemon| find(line, daemon).is_some()).then(|| line.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_up_text(text: &str) -> String {
        String::from_utf8(made_up(text.as_bytes())).unwrap()
    }

    fn conf_text(text: &str) -> String {
        let file = if text.contains(HOST_UUID) { ConfFile::Libvirtd } else { ConfFile::Qemu };
        String::from_utf8(conf(file, text.as_bytes())).unwrap()
    }

    #[test]
    fn a_uuid_keeps_its_shape() {
        let text = made_up_text(" 4C4C4544-0051-3610-8052-b4c04f4e3132\n");
        assert_eq!(text, " 12345678-9abc-4def-8123-456789abcdef\n");
        assert_eq!(caps_linux::parse::uuid::uuid(text.as_bytes()), Ok(UUID));
        assert_eq!(made_up_text("4c4c454400513610"), "123456789abc4def");
    }

    #[test]
    fn a_uuid_that_does_not_count_still_does_not() {
        for text in ["00000000-0000-0000-0000-000000000000", "ffffffffffffffffffffffffffffffff"] {
            assert_eq!(made_up_text(text), text);
        }
        assert_eq!(made_up_text("00 Serial 0A7 "), "00 S1ri2l 034 ");
        assert_eq!(made_up_text("4c4cSerial"), "1234S5ri6l");
    }

    #[test]
    fn settings_that_count_are_kept() {
        let text =
            "# of alice\nhost_uuid='00112233445566778899aabbccddeeff'; admin_min_workers = 1\n";
        assert_eq!(conf_text(text), "host_uuid = \"123456789abc4def8123456789abcdef\"\n");
        let text = "vnc_password = \"secret\"\nuser = '+1' # one\nsecurity_driver = [ \"a\",\n 'b' ]\nsecurity_require_confined = +1";
        assert_eq!(
            conf_text(text),
            "security_driver = [ \"a\", \"b\" ]\nsecurity_require_confined = 1\nuser = \"+1\"\n"
        );
        let kept = [
            "user = 'a\"b'\n",
            "user = \"a'b\"\n",
            "user = \"\"\"a'\n\"b\"\"\"\n",
            "user = \"\"\"\r1\"\"\"\n",
        ];
        for text in kept {
            assert_eq!(conf_text(text), text);
        }
    }

    #[test]
    fn a_file_that_is_refused_still_is() {
        let error = |text: &str| read_conf(ConfFile::Qemu, text.as_bytes()).unwrap_err();
        let texts = [
            "user 'secret'\n",
            "a = 1\n\n# secret\nb = secret\n",
            "a = 1 secret",
            "a = [ 'secret' 1 ]",
            "a = [\n # secret\n]",
            "a = [ 'secret'",
            "a = \"secret",
            "\na = - ; secret = 1",
            "\nuser = [ 'secret' ]",
            " \n\n",
            &format!("user = 'secret{}'\n", "x".repeat(300)),
            &"# secret".repeat(2 << 20),
        ];
        for text in texts {
            assert_eq!(error(&conf_text(text)), error(text), "{}", &text[..9.min(text.len())]);
            assert!(!conf_text(text).contains("secret"));
        }
    }

    #[test]
    fn only_accounts_that_count_are_kept() {
        let text = b"root:hash:0:0:Alice:/root:/bin/sh\nalice:x:1:1:Alice::\nkvm:x:64:alice\nqemu";
        let kept = kept(text, |line| account(line, &[b"root".to_vec(), b"kvm".to_vec()]));
        assert_eq!(String::from_utf8(kept).unwrap(), "root:x:0::::\nkvm:x:64:\n");
    }
}
