//! `<secmodel>`

use super::Probe;
use super::read::TEXT_BYTES;
use crate::error::{ConfFile, Refusal, abridged};
use crate::parse::account::{id, id_on_line};
use crate::parse::conf::{Conf, Settings, Value};
use crate::parse::cpuinfo::LineCutter;
use crate::parse::line::{c_string, find, lines, trim};
use crate::path::{Path, at};
use crate::report::Topic;
use caps_core::{Builder, SecModel};
use core::fmt::Write;
use core::ops::ControlFlow;

/// A security driver that can be named in `qemu.conf`, in the order in which one is chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Driver {
    Selinux,
    Apparmor,
    None,
}

/// Drivers of the stack; each stands in it once.
type Stack = heapless::Vec<Driver, 3, u8>;

/// Base labels of SELinux: the whole file of them.
type Contexts = heapless::Vec<u8, TEXT_BYTES, u16>;

/// Accounts that emulators run as, the first that exists; `root` without one.
const DEFAULT_ACCOUNTS: [&[u8]; 2] = [b"libvirt-qemu", b"qemu"];
/// Daemons that a profile of AppArmor can be for.
const DAEMONS: [&[u8]; 2] = [b"libvirtd ", b"virtqemud "];

impl Driver {
    const ALL: [Self; 3] = [Self::Selinux, Self::Apparmor, Self::None];

    const fn name(self) -> &'static [u8] {
        match self {
            Self::Selinux => b"selinux",
            Self::Apparmor => b"apparmor",
            Self::None => b"none",
        }
    }
}

impl Probe<'_> {
    /// The drivers of the stack, and `dac` behind them in a privileged daemon.
    pub(super) fn security(&mut self, builder: &mut Builder<'_>) -> Result<(), Refusal> {
        let read = self.unless_failed(|probe| {
            let spare = builder.pool().spare();
            let settings = probe.conf(Topic::Security, ConfFile::Qemu, Conf::qemu(), spare)?;
            let settings = settings.unwrap_or_default();
            Ok((probe.stack(&settings)?, settings))
        });
        // Without the settings nothing is known of any driver.
        let Some((stack, settings)) = read.transpose()? else { return Ok(()) };
        for &driver in &stack {
            self.driver(builder, driver)?;
        }
        self.dac(builder, &settings)
    }

    fn stack(&mut self, settings: &Settings) -> Result<Stack, Refusal> {
        let mut stack = Stack::new();
        match settings.value("security_driver") {
            Some(Value::Text(name)) => self.stack_driver(&mut stack, name)?,
            Some(Value::List(mut names)) => {
                names.try_for_each(|name| self.stack_driver(&mut stack, name))?;
            }
            _ => {}
        }
        if stack.is_empty() {
            let usable = Driver::ALL.into_iter().find(|&driver| self.is_usable(driver));
            // It is empty.
            let _ = usable.map(|driver| stack.push(driver));
        }
        let confined =
            matches!(settings.value("security_require_confined"), Some(Value::Number(1)));
        if confined && stack.contains(&Driver::None) { Err(Refusal::Unconfined) } else { Ok(stack) }
    }

    fn stack_driver(&mut self, stack: &mut Stack, name: &[u8]) -> Result<(), Refusal> {
        let known = Driver::ALL.into_iter().find(|driver| driver.name() == name);
        let usable = known.filter(|&driver| !stack.contains(&driver) && self.is_usable(driver));
        let pushed = usable.and_then(|driver| stack.push(driver).ok());
        pushed.ok_or_else(|| Refusal::SecurityDriver(abridged(name)))
    }

    fn is_usable(&mut self, driver: Driver) -> bool {
        match driver {
            Driver::Selinux => {
                self.is_there(&at!("/sys/fs/selinux/enforce"))
                    && self.is_there(&at!("/etc/selinux/config"))
            }
            Driver::Apparmor => self.has_apparmor_profile(),
            Driver::None => true,
        }
    }

    fn is_there(&mut self, path: &Path) -> bool {
        matches!(self.stat(Topic::Security, path), Ok(Some(_)))
    }

    /// Whether a profile names a daemon of libvirt's: by path or by name, followed by a blank.
    fn has_apparmor_profile(&mut self) -> bool {
        // The text ends at the first NUL, and with it the search.
        let mut named = |line: &[u8]| {
            let text = c_string(line);
            let found = DAEMONS.iter().any(|daemon| find(text, daemon).is_some());
            (found || text.len() < line.len()).then_some(found)
        };
        let path = at!("/sys/kernel/security/apparmor/profiles");
        self.find_line(&path, &mut named) == Some(true)
    }

    fn driver(&mut self, builder: &mut Builder<'_>, driver: Driver) -> Result<(), Refusal> {
        let mut secmodel = SecModel { model: driver.name(), ..SecModel::default() };
        let contexts = match driver {
            Driver::Selinux => match self.unless_failed(Self::selinux_contexts) {
                Some(contexts) => contexts.ok_or(Refusal::SelinuxContexts)?,
                None => return Ok(()),
            },
            _ => Contexts::new(),
        };
        if driver == Driver::Selinux {
            let kvm = lines(&contexts).next().unwrap_or(&[]);
            let qemu = lines(&contexts).nth(1).filter(|line| !line.is_empty());
            secmodel.kvm_label = Some(kvm);
            secmodel.qemu_label = Some(qemu.unwrap_or(kvm));
        }
        builder.secmodel(&secmodel);
        Ok(())
    }

    /// `virtual_domain_context` of the policy type that `/etc/selinux/config` names.
    fn selinux_contexts(&mut self) -> Option<Contexts> {
        let mut policy = |line: &[u8]| {
            let name = trim(c_string(line)).strip_prefix(b"SELINUXTYPE=")?;
            heapless::Vec::<u8, 64, u8>::from_slice(trim(name)).ok()
        };
        let policy = self.find_line(&at!("/etc/selinux/config"), &mut policy)?;
        let path = at!("/etc/selinux/", policy.as_slice(), "/contexts/virtual_domain_context");
        let text = |text: &[u8]| Contexts::from_slice(text).ok().filter(|text| !text.is_empty());
        self.value::<{ TEXT_BYTES + 1 }, _>(Topic::Security, &path, text).ok().flatten()
    }

    /// The account that emulators run as, as both base labels.
    fn dac(&mut self, builder: &mut Builder<'_>, settings: &Settings) -> Result<(), Refusal> {
        let accounts = self.unless_failed(|probe| probe.accounts(settings)).transpose()?;
        let Some((uid, gid)) = accounts.flatten() else { return Ok(()) };
        let mut label = heapless::String::<24, u8>::new();
        // Two numbers of ten digits and three signs fit.
        let _ = write!(label, "+{uid}:+{gid}");
        let label = Some(label.as_bytes());
        builder.secmodel(&SecModel { model: b"dac", doi: 0, kvm_label: label, qemu_label: label });
        Ok(())
    }

    /// User and group of emulators in a privileged daemon. Any daemon refuses an account that does not exist.
    fn accounts(&mut self, settings: &Settings) -> Result<Option<(u32, u32)>, Refusal> {
        let (users, groups) = (at!("/etc/passwd"), at!("/etc/group"));
        let user = self.account(settings, "user", &users)?;
        let group = self.account(settings, "group", &groups)?;
        if !self.host.facts.privileged {
            return Ok(None);
        }
        let uid = user.unwrap_or_else(|| self.default_account(&users));
        Ok(Some((uid, group.unwrap_or_else(|| self.default_account(&groups)))))
    }

    /// The number of the account in a setting.
    fn account(
        &mut self,
        settings: &Settings,
        setting: &'static str,
        path: &Path,
    ) -> Result<Option<u32>, Refusal> {
        let Some(name) = settings.text(setting) else { return Ok(None) };
        let found = match name.strip_prefix(b"+") {
            Some(number) => id(number),
            None if name == b"root" => Some(0),
            None => self.find_line(path, &mut |line| id_on_line(line, name)).or_else(|| id(name)),
        };
        found.map(Some).ok_or_else(|| Refusal::Account(setting, abridged(name)))
    }

    /// The file is read once, and no further than to the account that goes before all others.
    fn default_account(&mut self, path: &Path) -> u32 {
        let [first, second] = DEFAULT_ACCOUNTS;
        let mut fallback = None;
        let id = self.find_line(path, &mut |line| {
            fallback = fallback.or_else(|| id_on_line(line, second));
            id_on_line(line, first)
        });
        id.or(fallback).unwrap_or(0)
    }

    /// What `visit` makes of the first line that it makes something of.
    fn find_line<T>(
        &mut self,
        path: &Path,
        visit: &mut dyn FnMut(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let (mut cutter, mut found) = (LineCutter::new(), None);
        let mut buffer = [0; TEXT_BYTES];
        let _ = self.stream(Topic::Security, path, &mut buffer, |chunk| {
            found = cutter.feed(chunk, &mut *visit);
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        found.or_else(|| visit(cutter.rest()))
    }
}
