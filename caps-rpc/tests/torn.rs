//! Bytes come and go in any pieces, and any bytes end.

mod support;

use caps_rpc::{MAX_REPLY_BYTES, Progress};
use proptest::prelude::*;
use support::{CAPACITY, Client, call, open, packet, words};

/// A conversation of all kinds of packets.
fn conversation() -> Vec<u8> {
    let ping = packet(
        &caps_rpc::packet::Head {
            program: caps_rpc::packet::Program::KEEPALIVE,
            kind: caps_rpc::packet::Kind::MESSAGE,
            ..support::head(caps_rpc::Procedure::PING, 0)
        },
        &[],
    );
    let calls = [
        call(66, 0, &[]),
        call(60, 1, &words(&[10])),
        call(1, 2, &open("qemu:///system", 0)),
        call(7, 3, &[]),
        ping,
        call(9999, 4, &[]),
        call(293, 5, &words(&[1, 1, 0])),
        call(7, 6, &vec![0; CAPACITY]),
        call(7, 7, &[]),
        call(2, 8, &[]),
    ];
    calls.concat()
}

/// All that is said to `input` that comes in `pieces`, to a client that takes `room` bytes at a time.
fn said(input: &[u8], pieces: impl IntoIterator<Item = usize>, room: usize) -> Vec<u8> {
    let mut client = Client::default();
    let (mut gathered, mut rest, mut said) = (Vec::new(), input, Vec::new());
    let mut output = vec![0; MAX_REPLY_BYTES];
    let mut pieces = pieces.into_iter();
    loop {
        while client.connection.is_streaming() {
            let len = client.connection.stream(&client.machine, &mut output[..room]);
            // Half of it is taken, and asked for again.
            let taken = len.div_ceil(2);
            said.extend_from_slice(&output[..taken]);
            client.connection.passed(taken, &mut client.machine);
        }
        let Client { connection, machine } = &mut client;
        let progress = connection.receive(&gathered, CAPACITY, machine, &mut output).unwrap();
        said.extend_from_slice(&output[..progress.made]);
        gathered.drain(..progress.taken);
        if progress == Progress::default() && !connection.is_streaming() {
            let len = pieces.next().unwrap_or(usize::MAX).min(rest.len());
            gathered.extend_from_slice(&rest[..len]);
            rest = &rest[len..];
            if len == 0 {
                assert_eq!(machine.held, 0);
                return said;
            }
        }
    }
}

#[test]
fn it_is_all_the_same_where_packets_are_torn() {
    let conversation = conversation();
    let whole = said(&conversation, [usize::MAX], 4096);
    assert_eq!(whole.len(), 620);
    for at in 1..conversation.len() {
        assert_eq!(said(&conversation, [at, usize::MAX], 4096), whole, "torn at byte {at}");
    }
    assert_eq!(said(&conversation, std::iter::repeat(1), 1), whole);
}

proptest! {
    #[test]
    fn pieces_of_any_size(pieces in proptest::collection::vec(1..400_usize, 0..60), room in 1..99_usize) {
        let conversation = conversation();
        prop_assert_eq!(said(&conversation, pieces, room), said(&conversation, [usize::MAX], 4096));
    }

    #[test]
    fn any_bytes_end(bytes: Vec<u8>) {
        let _ = Client::opened().say(&bytes);
    }

    #[test]
    fn any_call_is_answered(procedure in 0..470_u32, payload in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut client = Client::opened();
        let said = client.say(&call(procedure, 1, &payload)).unwrap();
        prop_assert!(said.len() >= 28 && said.len().is_multiple_of(4));
        prop_assert_eq!(u32::from_be_bytes(said[..4].try_into().unwrap()) as usize, said.len());
    }

    #[test]
    fn calls_with_small_numbers_are_answered(procedure in 0..400_u32, arguments in proptest::collection::vec(-3..9_i32, 0..9)) {
        let _ = Client::opened().say(&call(procedure, 1, &words(&arguments))).unwrap();
    }
}
