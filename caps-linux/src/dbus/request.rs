//! The six calls, as bytes that are made when the program is built.
use super::wire::padding;

/// A method that is called, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Registers with the bus.
    Hello,
    /// Names that the bus can start a service for.
    ListActivatableNames,
    /// Names that are on the bus now.
    ListNames,
    /// Suspend to RAM.
    CanSuspend,
    /// Suspend to disk.
    CanHibernate,
    /// Suspend to both.
    CanHybridSleep,
}

impl Call {
    /// Name of the method on the bus.
    pub const fn member(self) -> &'static str {
        match self {
            Self::Hello => "Hello",
            Self::ListActivatableNames => "ListActivatableNames",
            Self::ListNames => "ListNames",
            Self::CanSuspend => "CanSuspend",
            Self::CanHibernate => "CanHibernate",
            Self::CanHybridSleep => "CanHybridSleep",
        }
    }

    /// Serial number of the request, by which its reply is known.
    pub(super) const fn serial(self) -> u32 {
        self as u32 + 1
    }

    pub(super) const fn following(self) -> Option<Self> {
        match self {
            Self::Hello => Some(Self::ListActivatableNames),
            Self::ListActivatableNames => Some(Self::ListNames),
            Self::ListNames => Some(Self::CanSuspend),
            Self::CanSuspend => Some(Self::CanHibernate),
            Self::CanHibernate => Some(Self::CanHybridSleep),
            Self::CanHybridSleep => None,
        }
    }

    /// What to send. `Hello` brings the end of the handshake with it.
    pub(super) fn request(self) -> &'static [u8] {
        static HELLO: Frame = request(Call::Hello, &BUS, b"BEGIN\r\n");
        static LIST_ACTIVATABLE_NAMES: Frame = request(Call::ListActivatableNames, &BUS, b"");
        static LIST_NAMES: Frame = request(Call::ListNames, &BUS, b"");
        static CAN_SUSPEND: Frame = request(Call::CanSuspend, &LOGIND, b"");
        static CAN_HIBERNATE: Frame = request(Call::CanHibernate, &LOGIND, b"");
        static CAN_HYBRID_SLEEP: Frame = request(Call::CanHybridSleep, &LOGIND, b"");
        match self {
            Self::Hello => HELLO.bytes(),
            Self::ListActivatableNames => LIST_ACTIVATABLE_NAMES.bytes(),
            Self::ListNames => LIST_NAMES.bytes(),
            Self::CanSuspend => CAN_SUSPEND.bytes(),
            Self::CanHibernate => CAN_HIBERNATE.bytes(),
            Self::CanHybridSleep => CAN_HYBRID_SLEEP.bytes(),
        }
    }
}

struct Object {
    path: &'static str,
    destination: &'static str,
    interface: &'static str,
}

const BUS: Object = Object {
    path: "/org/freedesktop/DBus",
    destination: "org.freedesktop.DBus",
    interface: "org.freedesktop.DBus",
};
const LOGIND: Object = Object {
    path: "/org/freedesktop/login1",
    destination: "org.freedesktop.login1",
    interface: "org.freedesktop.login1.Manager",
};

/// A method call without arguments: little endian, no flags, version 1, no body.
const fn request(call: Call, object: &Object, before: &[u8]) -> Frame {
    Frame::empty()
        .raw(before)
        .message(&[b'l', 1, 0, 1])
        .u32(0)
        .u32(call.serial())
        .u32(0) // length of the fields, when they are known
        .field(1, b'o', object.path)
        .field(6, b's', object.destination)
        .field(2, b's', object.interface)
        .field(3, b's', call.member())
        .with_fields_length()
        .aligned()
}

/// A message under construction. Overflow would be a build error: nothing here runs in the program.
struct Frame {
    bytes: [u8; Self::MAX],
    len: usize,
    /// Where the message begins, from which it is aligned.
    start: usize,
}

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler only, see the statics")]
impl Frame {
    const MAX: usize = 144;
    const FIXED: usize = 16;

    const fn empty() -> Self {
        Self { bytes: [0; Self::MAX], len: 0, start: 0 }
    }

    const fn bytes(&self) -> &[u8] {
        match self.bytes.split_at_checked(self.len) {
            Some((bytes, _)) => bytes,
            None => &[],
        }
    }

    const fn raw(mut self, bytes: &[u8]) -> Self {
        let mut i = 0;
        while i < bytes.len() {
            self.bytes[self.len] = bytes[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    const fn message(mut self, opening: &[u8; 4]) -> Self {
        self.start = self.len;
        self.raw(opening)
    }

    const fn u32(self, n: u32) -> Self {
        self.raw(&n.to_le_bytes())
    }

    /// Zeros up to a multiple of 8.
    const fn aligned(self) -> Self {
        let zeros = padding(self.len - self.start, 8);
        self.raw([0; 8].split_at(zeros).0)
    }

    /// A header field: its code, and a variant that holds a string.
    const fn field(self, code: u8, kind: u8, text: &str) -> Self {
        self.aligned()
            .raw(&[code, 1, kind, 0])
            .u32(text.len() as u32)
            .raw(text.as_bytes())
            .raw(&[0])
    }

    const fn with_fields_length(mut self) -> Self {
        let fields = self.start + Self::FIXED;
        let length = ((self.len - fields) as u32).to_le_bytes();
        let mut i = 0;
        while i < length.len() {
            self.bytes[fields - length.len() + i] = length[i];
            i += 1;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Call;

    #[test]
    fn hello_byte_by_byte() {
        let expected = b"BEGIN\r\n\
            l\x01\0\x01\0\0\0\0\x01\0\0\0\x6e\0\0\0\
            \x01\x01o\0\x15\0\0\0/org/freedesktop/DBus\0\0\0\
            \x06\x01s\0\x14\0\0\0org.freedesktop.DBus\0\0\0\0\
            \x02\x01s\0\x14\0\0\0org.freedesktop.DBus\0\0\0\0\
            \x03\x01s\0\x05\0\0\0Hello\0\0\0";
        assert_eq!(Call::Hello.request(), expected);
    }

    #[test]
    fn can_hybrid_sleep_byte_by_byte() {
        let expected = b"l\x01\0\x01\0\0\0\0\x06\0\0\0\x7f\0\0\0\
            \x01\x01o\0\x17\0\0\0/org/freedesktop/login1\0\
            \x06\x01s\0\x16\0\0\0org.freedesktop.login1\0\0\
            \x02\x01s\0\x1e\0\0\0org.freedesktop.login1.Manager\0\0\
            \x03\x01s\0\x0e\0\0\0CanHybridSleep\0\0";
        assert_eq!(Call::CanHybridSleep.request(), expected);
    }

    #[test]
    fn every_call_is_asked_once_with_its_own_serial() {
        let mut call = Some(Call::Hello);
        for serial in 1..=6 {
            let asked = call.expect("six calls");
            assert_eq!(asked.serial(), serial);
            assert!(
                asked
                    .request()
                    .windows(asked.member().len())
                    .any(|bytes| bytes == asked.member().as_bytes())
            );
            call = asked.following();
        }
        assert_eq!(call, None);
    }
}
