//! What is refused, with libvirt's numbers and sentences.

mod support;

use caps_rpc::packet::{BadLength, Head, Kind, Program, Status};
use caps_rpc::{Connection, Hangup, MAX_REPLY_BYTES, Procedure};
use support::{Client, Machine, arguments, call, head, open, packet, words};

/// Code, domain and sentence.
type Says<'a> = (u32, u32, &'a str);

fn says(client: &mut Client, procedure: u32, payload: &[u8], expected: Says<'_>) {
    let (code, domain, sentence) = client.refused(procedure, payload);
    assert_eq!((code, domain, &*sentence), expected, "procedure {procedure}");
}

#[test]
fn calls_out_of_turn() {
    let mut client = Client::default();
    says(&mut client, 7, &[], (39, 7, "authentication required"));
    client.ask(66, &[]).unwrap();
    says(&mut client, 7, &[], (1, 7, "internal error: hypervisor connection not open"));
    says(&mut client, 60, &words(&[14]), (1, 7, "internal error: hypervisor connection not open"));
    assert_eq!(client.ask(60, &words(&[10])).unwrap(), words(&[1]));
    client.ask(1, &open("qemu:///system", 1)).unwrap();
    let again = (1, 7, "internal error: connection already open");
    says(&mut client, 1, &open("qemu:///system", 0), again);
    assert_eq!(client.ask(3, &[]).unwrap().len(), 8, "it stays open");
}

#[test]
fn uris_of_other_drivers() {
    let cases = [
        ("xenx:///system", (5, 0, "no connection driver available for xenx:///system")),
        ("qemu+unix:///system", (5, 0, "no connection driver available for qemu+unix:///system")),
        (
            "garbage",
            (
                5,
                0,
                "no connection driver available for URI 'garbage' does not include a driver name",
            ),
        ),
        (
            "qemu:///foo",
            (1, 0, "internal error: unexpected qemu URI path '/foo', try qemu:///system"),
        ),
    ];
    for (uri, expected) in cases {
        let mut client = Client::default();
        client.ask(66, &[]).unwrap();
        says(&mut client, 1, &open(uri, 0), expected);
        client.ask(1, &open("", 0)).unwrap();
    }
    let mut client = Client::default();
    client.ask(66, &[]).unwrap();
    client.ask(1, &open("qemu:///session?socket=x", 0)).unwrap();
    assert_eq!(client.ask(110, &[]).unwrap()[4..19], *b"qemu:///session");
}

#[test]
fn arguments_out_of_range() {
    let mut client = Client::opened();
    let cases: [(u32, &[i32], Says<'_>); 19] = [
        (60, &[], (39, 7, "Unable to decode message payload")),
        (101, &[-1, 1], (8, 20, "startCell in virNodeGetCellsFreeMemory must be zero or greater")),
        (101, &[5, 1], (1, 0, "internal error: start cell 5 out of range (0-1)")),
        (101, &[0, 0], (8, 20, "maxCells in virNodeGetCellsFreeMemory must be greater than zero")),
        (101, &[0, -3], (39, 7, "maxcells must be non-negative")),
        (101, &[0, 2000], (39, 7, "maxcells > REMOTE_NODE_MAX_CELLS")),
        (228, &[4, 0, 0], (8, 0, "nparams in virHostMemGetStatsLinux must be 2")),
        (228, &[9, -1, 0], (8, 0, "nparams in virHostMemGetStatsLinux must be 4")),
        (228, &[20, -1, 0], (1, 7, "internal error: nparams too large")),
        (228, &[-1, -1, 0], (1, 7, "internal error: nparams must be non-negative")),
        (228, &[4, 7, 0], (8, 0, "cellNum in virHostMemGetStats must be less than or equal to 1")),
        (228, &[4, -1, 1], (8, 0, "unsupported flags (0x1) in function virHostMemGetStats")),
        (227, &[7, 4, 0], (8, 0, "Invalid cpuNum in virHostCPUGetStatsLinux")),
        (227, &[-1, 2, 0], (8, 0, "nparams in virHostCPUGetStatsLinux must be equal to 4")),
        (293, &[1, 1, 1], (8, 0, "unsupported flags (0x1) in function virHostCPUGetMap")),
        (340, &[1, 3, 0, 1, 0], (9, 0, "operation failed: page size 3 is not available on node 0")),
        (340, &[0, 0, 1, 0], (8, 20, "npages in virNodeGetFreePages must not be zero")),
        (340, &[1, 4, 0, 0, 0], (8, 20, "cellCount in virNodeGetFreePages must not be zero")),
        (22, &[7], (42, 10, "Domain not found: no domain with matching id 7")),
    ];
    for (procedure, payload, expected) in cases {
        says(&mut client, procedure, &words(payload), expected);
    }
}

#[test]
fn what_no_driver_of_this_kind_has() {
    let mut client = Client::opened();
    let words_of = |procedure| {
        format!("this function is not supported by the connection driver: procedure {procedure}")
    };
    for procedure in [203, 342, 394, 10, 447] {
        says(&mut client, procedure, &[], (3, 0, &words_of(procedure)));
    }
    says(&mut client, 0, &[], (39, 7, "unknown procedure: 0"));
    says(&mut client, u32::MAX, &[], (39, 7, "unknown procedure: -1"));
    says(
        &mut client,
        23,
        &arguments(|w| w.text(b"nope")),
        (42, 10, "Domain not found: no domain with matching name 'nope'"),
    );
    let uuid =
        "Domain not found: no domain with matching uuid '01010101-0101-0101-0101-010101010101'";
    says(&mut client, 24, &[1; 16], (42, 10, uuid));
    let mut foreign =
        Client { machine: Machine { arch: None, ..Machine::default() }, ..Client::opened() };
    let sentence = "internal error: Cannot find suitable emulator for this machine";
    says(&mut foreign, 4, &[], (1, 10, sentence));
    says(&mut foreign, 228, &words(&[2, 1, 0]), (1, 0, "internal error: no meminfo of this cell"));
}

#[test]
fn calls_with_descriptors_end_the_connection() {
    let mut client = Client::opened();
    let call = Head { kind: Kind::CALL_WITH_FDS, ..head(Procedure(3), 1) };
    let mut output = vec![0; MAX_REPLY_BYTES];
    let input = packet(&call, &[0; 4]);
    let progress = client.connection.receive(&input, 4096, &mut client.machine, &mut output);
    let progress = progress.unwrap();
    assert!(progress.end && progress.made > 28);
    assert_eq!(Head::read(output.first_chunk().unwrap()).status, Status::ERROR);
}

#[test]
fn a_status_that_calls_do_not_have() {
    let mut client = Client::opened();
    let call = Head { status: Status(5), ..head(Procedure(3), 1) };
    let said = client.say(&packet(&call, &[])).unwrap();
    let sentence = b"Unexpected message status 5";
    assert!(said.windows(sentence.len()).any(|part| part == sentence));
}

#[test]
fn lengths_that_no_packet_has() {
    for length in [0, 16, 27, 33_554_437, u32::MAX] {
        let said = Client::default().say(&length.to_be_bytes().repeat(7));
        assert_eq!(said, Err(Hangup(BadLength(length))));
    }
}

#[test]
fn a_call_beyond_the_capacity_is_passed_over() {
    let mut client = Client::opened();
    let long = call(7, 1, &vec![0; 100_000]);
    let short = call(3, 2, &[]);
    let said = client.say(&[long, short].concat()).unwrap();
    let sentence = b"a call of 100028 bytes is too long";
    assert!(said.windows(sentence.len()).any(|part| part == sentence));
    assert!(said.ends_with(b"\0\0\0\x04QEMU"), "the call behind it is answered");
}

#[test]
fn a_document_beyond_the_longest_string_is_an_error() {
    let mut client = Client::opened();
    client.machine.text = vec![b'x'; 4 << 20];
    assert_eq!(client.ask(7, &[]).unwrap().len(), (4 << 20) + 4);
    client.machine.text.push(b'x');
    says(&mut client, 7, &[], (39, 7, "Unable to encode message payload"));
    assert_eq!(client.machine.held, 0);
}

#[test]
fn a_client_that_goes_lets_its_document_go() {
    let mut client = Client::opened();
    let mut output = vec![0; MAX_REPLY_BYTES];
    let input = call(7, 1, &[]);
    client.connection.receive(&input, 4096, &mut client.machine, &mut output).unwrap();
    assert!(client.connection.is_streaming() && client.machine.held == 1);
    client.connection.close(&mut client.machine);
    assert!(!client.connection.is_streaming() && client.machine.held == 0);
}

#[test]
fn signs_of_life_of_another_version_are_no_program() {
    let mut connection = Connection::new();
    let program = Program { number: Program::KEEPALIVE.number, version: 2 };
    let ping = Head { program, kind: Kind::MESSAGE, ..head(Procedure::PING, 0) };
    let mut output = vec![0; MAX_REPLY_BYTES];
    let input = packet(&ping, &[]);
    let progress = connection.receive(&input, 4096, &mut Machine::default(), &mut output).unwrap();
    assert_eq!((progress.taken, progress.made), (28, 0));
}
