//! Packets as they were seen between clients and a daemon of libvirt 9.0.0.

mod support;

use caps_rpc::packet::{Head, Kind, Program, Status};
use caps_rpc::{LIB_VERSION, Procedure};
use support::{Client, INFO, call, open, packet, words};

/// Words as they are written in a dump.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|digit| !digit.is_whitespace()).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

const OPEN: &str = "00000038 20008086 00000001 00000001 00000000 00000002 00000000
    00000001 0000000e 71656d75 3a2f2f2f 73797374 656d0000 00000000";
const OPENED: &str = "0000001c 20008086 00000001 00000001 00000001 00000002 00000000";
const PING: &str = "0000001c 6b656570 00000001 00000001 00000002 00000000 00000000";
const PONG: &str = "0000001c 6b656570 00000001 00000002 00000002 00000000 00000000";

#[test]
fn our_encoder_makes_the_captured_open() {
    assert_eq!(call(1, 2, &open("qemu:///system", 0)), hex(OPEN));
}

#[test]
fn open_is_answered_by_a_head() {
    let mut client = Client::default();
    client.ask(66, &[]).unwrap();
    assert_eq!(client.say(&hex(OPEN)).unwrap(), hex(OPENED));
}

#[test]
fn pings_are_answered_at_any_time() {
    let mut client = Client::default();
    assert_eq!(client.say(&hex(PING)).unwrap(), hex(PONG));
    assert_eq!(client.say(&hex(PONG)).unwrap(), []);
}

#[test]
fn an_unknown_procedure_is_refused_in_136_bytes() {
    let mut client = Client::opened();
    let text = "unknown procedure: 9999\0";
    let text: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let expected = format!(
        "00000088 20008086 00000001 0000270f 00000001 00000005 00000001 00000027 00000007
        00000001 00000017 {text} 00000002 00000000 00000001 00000002 25730000
        00000001 00000017 {text} 00000000 ffffffff ffffffff 00000000"
    );
    assert_eq!(client.say(&call(9999, 5, &[])).unwrap(), hex(&expected));
}

#[test]
fn a_document_of_40599_bytes_takes_40632() {
    let mut client = Client::opened();
    client.machine.text = b"<cap".iter().copied().chain([b'x'; 40_595]).collect();
    let said = client.say(&call(7, 6, &[])).unwrap();
    let begin = "00009eb8 20008086 00000001 00000007 00000001 00000006 00000000 00009e97 3c636170";
    assert_eq!(said[..36], hex(begin));
    assert_eq!((said.len(), said[40_631]), (0x9eb8, 0));
    assert_eq!(client.machine.held, 0);
}

/// The sequence of `virsh capabilities`, and of libvirt-python, which leaves some out.
#[test]
fn the_sequence_of_virsh() {
    let mut client = Client::default();
    assert_eq!(client.ask(66, &[]).unwrap(), words(&[1, 0]));
    assert_eq!(client.ask(60, &words(&[10])).unwrap(), words(&[1]));
    assert_eq!(client.ask(1, &open("qemu:///system", 1)).unwrap(), []);
    assert_eq!(client.ask(60, &words(&[14])).unwrap(), words(&[0]));
    assert_eq!(client.ask(60, &words(&[15])).unwrap(), words(&[1]));
    assert_eq!(client.ask(360, &[]).unwrap(), []);
    let text = client.ask(7, &[]).unwrap();
    assert_eq!(text[4..35], *b"<capabilities>\n</capabilities>\n");
    assert_eq!(client.ask(361, &[]).unwrap(), []);
    let close = client.machine_close();
    assert!(close, "the connection ends with the reply");
}

impl Client {
    fn machine_close(&mut self) -> bool {
        let mut output = vec![0; caps_rpc::MAX_REPLY_BYTES];
        let input = call(2, 8, &[]);
        let progress = self.connection.receive(&input, 4096, &mut self.machine, &mut output);
        let progress = progress.unwrap();
        assert_eq!((progress.taken, progress.made), (28, 28));
        progress.end
    }
}

#[test]
fn host_information_has_the_captured_shapes() {
    let mut client = Client::opened();
    let mut ask = |procedure, arguments: &[i32]| client.ask(procedure, &words(arguments)).unwrap();
    assert_eq!(ask(3, &[]), hex("00000004 51454d55"));
    assert_eq!(ask(4, &[]), 7_002_022_u64.to_be_bytes());
    assert_eq!(ask(157, &[]), LIB_VERSION.to_be_bytes());
    assert_eq!(ask(59, &[]), hex("00000002 766d0000"));
    assert_eq!(ask(110, &[]), hex("0000000e 71656d75 3a2f2f2f 73797374 656d0000"));
    assert_eq!(ask(149, &[]), words(&[1]));
    assert_eq!(ask(102, &[]), hex("00000001 10c2d000"));
    assert_eq!(ask(101, &[0, 1]), hex("00000001 00000001 12c69000"));
    assert_eq!(ask(101, &[0, 5]), hex("00000002 00000001 12c69000 00000001 12c69001"));
    let security =
        "00000005 0000006e 0000006f 0000006e 00000065 00000000 00000002 00000030 00000000";
    assert_eq!(ask(122, &[]), hex(security));
    assert_eq!(ask(273, &[1, 0]), words(&[0, 0]));
    for (procedure, arguments) in [(51, &[][..]), (25, &[]), (37, &[10]), (21, &[10])] {
        assert_eq!(ask(procedure, arguments), words(&[0]));
    }
}

#[test]
fn node_info_is_160_bytes() {
    let info = Client::opened().ask(6, &[]).unwrap();
    let model = words(&[0x78, 0x38, 0x36, 0x5f, 0x36, 0x34]);
    assert_eq!((info.len(), &info[..24]), (160, &model[..]));
    assert!(info[24..128].iter().all(|&byte| byte == 0));
    assert_eq!(info[128..136], INFO.memory_kib.to_be_bytes());
    assert_eq!(info[136..], words(&[2, 2596, 1, 1, 2, 1]));
}

#[test]
fn statistics_are_told_when_their_number_is_known() {
    let mut client = Client::opened();
    assert_eq!(client.ask(228, &words(&[0, -1, 0])).unwrap(), words(&[0, 4]));
    assert_eq!(client.ask(228, &words(&[0, 0, 0])).unwrap(), words(&[0, 2]));
    let cell = "00000002 00000005 746f7461 6c000000 00000000 00000004
        00000004 66726565 00000000 00000003 00000000";
    assert_eq!(client.ask(228, &words(&[2, 0, 0])).unwrap(), hex(cell));
    assert_eq!(client.ask(227, &words(&[7, 0, 0])).unwrap(), words(&[0, 4]));
    let cpu =
        "00000004 00000006 6b65726e 656c0000 00000000 00000001 00000004 75736572 00000000 00000002
        00000004 69646c65 00000000 00000003 00000006 696f7761 69740000 00000000 00000004 00000000";
    assert_eq!(client.ask(227, &words(&[-1, 4, 0])).unwrap(), hex(cpu));
}

#[test]
fn the_map_of_cpus_has_a_bit_for_each_that_may_be() {
    let mut client = Client::opened();
    assert_eq!(client.ask(293, &words(&[1, 1, 0])).unwrap(), words(&[1, 0x0300_0000, 2, 2]));
    assert_eq!(client.ask(293, &words(&[0, 1, 0])).unwrap(), words(&[0, 2, 2]));
    assert_eq!(client.ask(293, &words(&[1, 0, 0])).unwrap(), words(&[1, 0x0300_0000, 0, 2]));
    (client.machine.cpus, client.machine.online) = (41, vec![0, 8, 15, 39]);
    let map = client.ask(293, &words(&[1, 1, 0])).unwrap();
    assert_eq!(map, hex("00000006 01810000 80000000 00000004 00000029"));
}

#[test]
fn free_pages_are_told_cell_by_cell() {
    let mut client = Client::opened();
    let asked = words(&[2, 4, 2048, 0, 5, 0]);
    let pages: Vec<u8> = [4_u64, 2048, 14, 2058].iter().flat_map(|p| p.to_be_bytes()).collect();
    assert_eq!(client.ask(340, &asked).unwrap(), [words(&[4]), pages].concat());
}

#[test]
fn sizes_of_pages_that_come_again_are_read_once() {
    let mut client = Client::opened();
    let sizes = [4, 2048].repeat(256);
    let asked = words(&[&[512][..], &sizes, &[0, 2, 0]].concat());
    let pages = client.ask(340, &asked).unwrap();
    assert_eq!((pages.len(), client.machine.pools_read), (4 + 1024 * 8, 4));
}

#[test]
fn more_free_pages_than_the_array_takes_are_refused_unread() {
    let mut client = Client::opened();
    let asked = words(&[&[513][..], &[4; 513], &[0, 2, 0]].concat());
    assert!(client.ask(340, &asked).is_err());
    assert_eq!(client.machine.pools_read, 0);
}

#[test]
fn programs_and_kinds_that_are_not_served() {
    let mut client = Client::opened();
    let program = Program { number: 0xdead_beef, version: 1 };
    let call =
        Head { program, procedure: Procedure(1), kind: Kind::CALL, serial: 3, status: Status::OK };
    let said = client.say(&packet(&call, &[])).unwrap();
    let sentence = "Cannot find program -559038737 version 1";
    assert!(said.windows(sentence.len()).any(|part| part == sentence.as_bytes()));
    assert_eq!(Head::read(said.first_chunk().unwrap()).program, program);
    for kind in [1, 2, 3, 6, 9] {
        let foreign = Head { kind: Kind(kind), program: Program::MAIN, ..call };
        assert_eq!(client.say(&packet(&foreign, &[])).unwrap(), [], "kind {kind}");
    }
}
