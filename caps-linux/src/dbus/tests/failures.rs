//! Every way in which the conversation fails.
use super::{Bus, CALLS, ERROR, METHOD_RETURN, after_ok, head, outcome};
use crate::dbus::{Call, Failure, Malformed, Step};

#[test]
fn an_error_reply_ends_it() {
    let bus = Bus('B');
    for call in CALLS {
        let reply = bus.message(ERROR, call.serial() as usize, "s", &bus.text("not now"));
        assert_eq!(outcome(&bus.with(call, reply)), Step::Failed(Failure::ErrorReply(call)));
    }
}

#[test]
fn a_reply_of_another_type_ends_it() {
    let bus = Bus('l');
    for call in CALLS {
        for signature in ["", "u", "ss", "ao", "(s)"] {
            let reply = bus.message(METHOD_RETURN, call.serial() as usize, signature, b"");
            assert_eq!(outcome(&bus.with(call, reply)), Step::Failed(Failure::ReplyType(call)));
        }
    }
}

#[test]
fn a_refused_handshake_ends_it() {
    assert_eq!(outcome(b"REJECTED ANONYMOUS\r\n"), Step::Failed(Failure::Rejected));
    assert_eq!(outcome(b"ERROR\r\n"), Step::Failed(Failure::Handshake));
    assert_eq!(outcome(&[b' '; 20_000]), Step::Failed(Failure::Handshake));
}

#[test]
fn malformed_heads() {
    const MIB: u32 = 1 << 20;
    let cases = [
        (head(b'L', 2, 1, [0, 1, 0]), Malformed::Endian(b'L')),
        (head(b'l', 0, 1, [0, 1, 0]), Malformed::Type),
        (head(b'l', 2, 2, [0, 1, 0]), Malformed::Version(2)),
        (head(b'l', 2, 1, [0, 0, 0]), Malformed::Serial),
        (head(b'l', 2, 1, [0, 1, 0]), Malformed::ReplySerial),
        (head(b'l', 4, 1, [0, 1, 64 * MIB + 1]), Malformed::FieldsLength(64 * MIB + 1)),
        (head(b'l', 4, 1, [0, 1, u32::MAX]), Malformed::FieldsLength(u32::MAX)),
        (head(b'l', 4, 1, [128 * MIB - 15, 1, 0]), Malformed::BodyLength(128 * MIB - 15)),
        (head(b'l', 4, 1, [u32::MAX, 1, 64 * MIB]), Malformed::BodyLength(u32::MAX)),
        (head(b'l', 2, 1, [0, 1, 1009]), Malformed::HeadLength(1032)),
        (head(b'l', 3, 1, [0, 1, 64 * MIB]), Malformed::HeadLength(64 * MIB + 16)),
        (
            [head(b'l', 2, 1, [0, 1, 8]), b"\x05\x01s\0\x01\0\0\0".to_vec()].concat(),
            Malformed::Fields,
        ),
        ([head(b'l', 2, 1, [0, 1, 1008]), [0xff; 1008].to_vec()].concat(), Malformed::Fields),
        (
            [head(b'l', 2, 1, [0, 1, 7]), b"\x08\x01g\0\x01s\0\x01".to_vec()].concat(),
            Malformed::ReplySerial,
        ),
    ];
    for (bytes, malformed) in cases {
        assert_eq!(
            outcome(&after_ok(&bytes)),
            Step::Failed(Failure::Malformed(malformed)),
            "{bytes:?}"
        );
    }
}

#[test]
fn padding_after_the_fields_is_zero() {
    let message =
        [head(b'l', 2, 1, [0, 1, 15]), b"\x05\x01u\0\x01\0\0\0\x08\x01g\0\x01s\0\x01".to_vec()];
    assert_eq!(
        outcome(&after_ok(&message.concat())),
        Step::Failed(Failure::Malformed(Malformed::Fields))
    );
}

#[test]
fn a_malformed_body_ends_it() {
    let bus = Bus('l');
    for call in CALLS {
        for body in [&b""[..], b"\x01\0\0\0", b"\xff\xff\xff\xffyes\0"] {
            let stream = bus.with(call, bus.reply(call, body));
            assert_eq!(
                outcome(&stream),
                Step::Failed(Failure::Malformed(Malformed::Body)),
                "{call:?} {body:?}"
            );
        }
    }
}

#[test]
fn failures_speak() {
    let failure = Failure::ErrorReply(Call::CanSuspend);
    assert_eq!(std::format!("{failure}"), "CanSuspend was answered with an error");
    let failure = Failure::from(Malformed::Endian(0x4c));
    assert_eq!(std::format!("{failure}"), "malformed message: byte order 0x4c");
}
