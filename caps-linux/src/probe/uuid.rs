//! `<uuid>`

use super::Probe;
use super::read::{Bad, Value};
use crate::error::{ConfFile, Refusal};
use crate::machine_id::host_uuid;
use crate::parse;
use crate::parse::conf::{Conf, Settings};
use crate::path::{Path, at};
use crate::report::{Outcome, Topic};
use caps_core::Uuid;
use core::ops::ControlFlow;

/// Bytes that are read of a UUID in a file.
const UUID_BYTES: usize = 36;

impl Probe<'_> {
    /// The daemon's configuration, the firmware, the machine id, or chance; in this order. `virtqemud.conf` counts where there
    /// is no `libvirtd.conf`.
    pub(super) fn uuid(&mut self, spare: &mut [u8]) -> Result<Option<Uuid>, Refusal> {
        let mut file = ConfFile::Libvirtd;
        let mut settings = self.conf(Topic::Uuid, file, Conf::daemon(), spare)?;
        if settings.is_none() {
            file = ConfFile::Virtqemud;
            settings = self.conf(Topic::Uuid, file, Conf::daemon(), spare)?;
        }
        let settings = settings.unwrap_or_default();
        if let Some(text) = settings.text("host_uuid") {
            let uuid = parse::uuid::uuid(text).ok().filter(Uuid::is_valid);
            return uuid.map(Some).ok_or(Refusal::HostUuid(file));
        }
        match settings.text("host_uuid_source") {
            None | Some(b"smbios") => Ok(self.firmware_uuid()),
            Some(b"machine-id") => self.machine_id().map(Some),
            Some(_) => Err(Refusal::HostUuidSource(file)),
        }
    }

    /// The machine id as it is, where the configuration names it.
    fn machine_id(&mut self) -> Result<Uuid, Refusal> {
        self.read_machine_id().ok().flatten().ok_or(Refusal::MachineId)
    }

    fn read_machine_id(&mut self) -> Value<Uuid> {
        let path = at!("/etc/machine-id");
        let mut buffer = [0; UUID_BYTES];
        let Some(text) = self.contents(Topic::Uuid, &path, &mut buffer)? else { return Ok(None) };
        let uuid = parse::uuid::uuid(text).ok().filter(Uuid::is_valid);
        self.note(Topic::Uuid, &path, if uuid.is_some() { Outcome::Filled } else { Outcome::Odd });
        uuid.map(Some).ok_or(Bad)
    }

    /// A UUID that parses is taken as it is, and one that does not is taken as far as it goes, unless that is nothing.
    fn firmware_uuid(&mut self) -> Option<Uuid> {
        let paths = [
            at!("/sys/devices/virtual/dmi/id/product_uuid"),
            at!("/sys/class/dmi/id/product_uuid"),
        ];
        let mut text = None;
        for path in &paths {
            text = text.or_else(|| self.product_uuid(path).ok().flatten());
        }
        match text.map(|text| parse::uuid::uuid(&text)) {
            Some(Ok(uuid)) => Some(uuid),
            Some(Err(part)) if part.is_valid() => Some(part),
            _ => self.uuid_without_firmware(),
        }
    }

    fn product_uuid(&mut self, path: &Path) -> Value<[u8; UUID_BYTES]> {
        let mut text = [0; UUID_BYTES];
        let Some(read) = self.contents(Topic::Uuid, path, &mut text)? else { return Ok(None) };
        let whole = read.len() == UUID_BYTES;
        self.note(Topic::Uuid, path, if whole { Outcome::Filled } else { Outcome::Odd });
        Ok(whole.then_some(text))
    }

    /// Where libvirt draws a UUID at each start: what it drew on a recorded host, the one that is derived from the machine id,
    /// or a random one; in this order.
    fn uuid_without_firmware(&mut self) -> Option<Uuid> {
        let facts = self.host.facts;
        if facts.random_uuid.is_none()
            && let Ok(Some(machine_id)) = self.read_machine_id()
        {
            return host_uuid(&machine_id);
        }
        let uuid = facts.random_uuid.or(facts.last_uuid);
        self.note_fact(Topic::Uuid, "random_uuid", uuid.is_some());
        uuid
    }

    /// The settings in a configuration file, which is read through `spare` if that is large enough to be worth it. `None`
    /// where there is none: a file that cannot be read is as good as none.
    pub(super) fn conf(
        &mut self,
        topic: Topic,
        file: ConfFile,
        mut conf: Conf,
        spare: &mut [u8],
    ) -> Result<Option<Settings>, Refusal> {
        let path = at!("/", self.host.facts.config_dir, "/", file.name());
        let mut own = [0; 1024];
        let buffer = if spare.len() > own.len() { spare } else { &mut own };
        let read = self.stream(topic, &path, buffer, |chunk| {
            conf.feed(chunk);
            ControlFlow::Continue(())
        });
        let Ok(Some(())) = read else { return Ok(None) };
        let settings = conf.finish().map_err(|error| Refusal::Conf(file, error));
        if settings.is_err() {
            self.note(topic, &path, Outcome::Odd);
        }
        settings.map(Some)
    }
}
