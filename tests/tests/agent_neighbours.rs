//! capsd among neighbours: clients that flood it, hold what is scarce, or read too slowly.

use caps_rpc::packet::Program;
use caps_tests::agent::{Agent, Client, packet, text};
use caps_tests::neighbours::{
    Flood, NOBODY, as_user, capabilities, free_pages, may_be_others, model_names, open_all, words,
};
use std::io::{Read, Write};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

const CAPABILITIES: u32 = 7;
const COMPARE: u32 = 158;

/// A limit of the agent's for one call, and time in which it certainly has passed.
const SHORT: [&str; 3] = ["--quiet", "--call-timeout", "500"];
const LONGER: Duration = Duration::from_secs(3);

/// A call that compares a CPU and has about `len` bytes.
fn comparison(len: usize) -> Vec<u8> {
    let cpu = format!("<cpu match='exact'><model>qemu64</model>{}</cpu>", " ".repeat(len));
    [text(&cpu), words(&[0])].concat()
}

/// The head of a call of 64 KiB, and some of it.
fn half_a_call(client: &mut Client) {
    let mut call = packet(Program::MAIN, COMPARE, &[b'x'; 2000]);
    call[..4].copy_from_slice(&65536_u32.to_be_bytes());
    client.stream().write_all(&call).unwrap();
}

/// Returns `true` if the agent has ended the connection, whatever it has sent before.
fn is_disconnected(client: &mut Client) -> bool {
    client.stream().set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let mut room = [0; 4096];
    loop {
        match client.stream().read(&mut room) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
        }
    }
}

#[test]
fn a_signal_ends_it_amid_a_flood() {
    let mut agent = Agent::start();
    let calls = free_pages();
    let floods: Vec<Flood> = open_all(&agent.socket_ro(), 4)
        .into_iter()
        .map(|client| Flood::start(client, &calls))
        .collect();
    sleep(Duration::from_millis(300));
    let begin = Instant::now();
    assert_eq!(agent.end("TERM"), Some(0));
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    drop(floods);
}

/// With these descriptors there are 200 places, of which 12 are reserved.
const DESCRIPTORS: u32 = 400;
const PLACES: usize = 188;

#[test]
fn one_user_does_not_lock_out_others() {
    if !may_be_others() {
        return;
    }
    let agent = Agent::start_limited(DESCRIPTORS);
    let mut crowd = as_user(NOBODY, || open_all(&agent.socket_ro(), PLACES));
    crowd.iter_mut().for_each(|client| client.ping().unwrap());
    let mut root: Vec<Client> = open_all(&agent.socket(), 12);
    let mut other = as_user(NOBODY - 1, || Client::open(&agent.socket_ro()).unwrap());
    for client in root.iter_mut().chain([&mut other]) {
        assert!(client.capabilities().is_ok());
    }
    // The other user's place was that of one of the crowd.
    let left = crowd.iter_mut().filter_map(|client| client.ping().ok()).count();
    assert_eq!(left, PLACES - 1);
}

#[test]
fn the_oldest_idle_client_of_the_greediest_user_makes_room() {
    if !may_be_others() {
        return;
    }
    let agent = Agent::start_limited(DESCRIPTORS);
    let mut crowd = as_user(NOBODY, || open_all(&agent.socket_ro(), 4));
    sleep(Duration::from_millis(20));
    crowd.extend(as_user(NOBODY, || open_all(&agent.socket_ro(), 116)));
    let mut few = as_user(NOBODY - 1, || open_all(&agent.socket_ro(), PLACES - 120));
    sleep(Duration::from_millis(20));
    // The first has been idle since; the second has not, and the third is at a call.
    crowd[0].ping().unwrap();
    crowd[1].capabilities().unwrap();
    half_a_call(&mut crowd[2]);
    few[0].capabilities().unwrap();
    let mut strangers = as_user(NOBODY - 2, || open_all(&agent.socket_ro(), 2));
    assert!(is_disconnected(&mut crowd[0]) && is_disconnected(&mut crowd[3]));
    assert!(!is_disconnected(&mut crowd[2]));
    for client in few.iter_mut().chain(&mut strangers).chain([&mut crowd[1]]) {
        assert!(client.capabilities().is_ok());
    }
}

#[test]
fn clients_that_never_open_the_driver_make_room_first() {
    let agent = Agent::start_limited(DESCRIPTORS);
    let mut client = Client::open(&agent.socket()).unwrap();
    let connect = |_| Client::connect(&agent.socket_ro()).unwrap();
    let mut crowd: Vec<Client> = (0..PLACES + 40).map(connect).collect();
    // The last has a place: all others were served before it.
    crowd.last_mut().unwrap().ping().unwrap();
    assert!(client.capabilities().is_ok());
}

#[test]
fn clients_that_never_open_the_driver_are_disconnected() {
    let agent = Agent::start_with(&SHORT, Stdio::null());
    let mut client = Client::connect(&agent.socket()).unwrap();
    let begin = Instant::now();
    while client.ping().is_ok() {
        assert!(begin.elapsed() < Duration::from_secs(30), "it is still connected");
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn half_calls_of_neighbours_do_not_matter() {
    let agent = Agent::start();
    let neighbours: Vec<u32> =
        if may_be_others() { vec![NOBODY, NOBODY - 1] } else { vec![NOBODY] };
    let mut held = Vec::new();
    for uid in neighbours {
        held.extend(as_user(uid, || open_all(&agent.socket_ro(), 64)));
    }
    held.iter_mut().for_each(half_a_call);
    let expected = Client::open(&agent.socket()).unwrap().ask(COMPARE, &comparison(0)).unwrap();
    for uid in [0, NOBODY, NOBODY - 2] {
        let mut client = as_user(uid, || Client::open(&agent.socket_ro()).unwrap());
        for len in [900, 1150, 10_000, 60_000] {
            let answer = client.ask(COMPARE, &comparison(len)).unwrap();
            assert_eq!(answer, expected, "user {uid}, {len} bytes");
        }
    }
    assert!(!held.iter_mut().any(is_disconnected));
}

#[test]
fn a_long_call_that_finds_no_buffer_may_come_in_pieces() {
    let agent = Agent::start();
    let mut held = as_user(NOBODY, || open_all(&agent.socket_ro(), 64));
    held.iter_mut().for_each(half_a_call);
    let mut client = as_user(NOBODY, || Client::open(&agent.socket_ro()).unwrap());
    let expected = client.ask(COMPARE, &comparison(0)).unwrap();
    let call = packet(Program::MAIN, COMPARE, &comparison(50_000));
    for piece in call.chunks(9000) {
        client.stream().write_all(piece).unwrap();
        sleep(Duration::from_millis(10));
    }
    assert_eq!(client.reply().unwrap(), expected);
}

#[test]
fn late_readers_of_long_replies_get_all_of_them() {
    const REPLIES: usize = 150;
    let (names, arguments) = model_names();
    let agent = Agent::start();
    let mut clients = as_user(NOBODY, || open_all(&agent.socket_ro(), 48));
    for client in &mut clients {
        (0..REPLIES).for_each(|_| client.call(names, &arguments).unwrap());
    }
    sleep(Duration::from_millis(300));
    let expected = Client::open(&agent.socket()).unwrap().ask(names, &arguments).unwrap();
    // The last come first: nobody waits for those who hold a buffer.
    for (number, client) in clients.iter_mut().enumerate().rev() {
        for reply in 0..REPLIES {
            assert_eq!(client.reply().unwrap(), expected, "reply {reply} of client {number}");
        }
    }
}

#[test]
fn a_client_with_calls_in_flight_stays() {
    let agent = Agent::start_with(&SHORT, Stdio::null());
    let flood = Flood::start(Client::open(&agent.socket()).unwrap(), &capabilities());
    sleep(LONGER);
    let before = flood.received();
    sleep(Duration::from_millis(200));
    assert!(flood.received() > before, "disconnected after {before} bytes");
}

#[test]
fn a_call_that_does_not_arrive_ends_its_connection() {
    let agent = Agent::start_with(&SHORT, Stdio::null());
    let mut held = open_all(&agent.socket(), 40);
    held.iter_mut().for_each(half_a_call);
    let mut patient = Client::open(&agent.socket()).unwrap();
    sleep(LONGER);
    assert!(held.iter_mut().all(is_disconnected));
    assert!(patient.capabilities().is_ok(), "a client without a call has no limit");
}

#[test]
fn a_slow_reader_stays_as_long_as_it_reads() {
    const CALLS: usize = 200;
    let agent = Agent::start_with(&SHORT, Stdio::null());
    let mut clients = open_all(&agent.socket(), 2);
    for client in &mut clients {
        (0..CALLS).for_each(|_| client.call(CAPABILITIES, &[]).unwrap());
    }
    let [reading, stalled] = &mut clients[..] else { unreachable!() };
    let (begin, mut read) = (Instant::now(), 0);
    while begin.elapsed() < LONGER {
        read += reading.stream().read(&mut [0; 2048]).unwrap();
        sleep(Duration::from_millis(20));
    }
    let document = Client::open(&agent.socket()).unwrap().ask(CAPABILITIES, &[]).unwrap();
    let mut rest = vec![0; CALLS * (28 + document.len()) - read];
    assert!(reading.stream().read_exact(&mut rest).is_ok());
    assert!(is_disconnected(stalled), "one that does not read at all is");
}
