//! capsd under load: many clients, slow ones, dead ones, and its own death.

use caps_tests::agent::{Agent, Client};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

/// Descriptors that this process needs: two tests may run at once.
const CLIENTS: usize = 1000;

#[test]
fn a_hundred_clients_take_little_memory() {
    let agent = Agent::start();
    let mut clients: Vec<Client> =
        (0..100).map(|_| Client::open(&agent.socket()).unwrap()).collect();
    for client in &mut clients {
        assert!(client.capabilities().unwrap().ends_with("</capabilities>\n"));
    }
    let resident = agent.resident_kib();
    println!("{resident} KiB with 100 clients");
    assert!(resident <= 1536, "{resident} KiB");
}

#[test]
fn a_thousand_clients_lose_nothing_and_leave_nothing() {
    let agent = Agent::start();
    let before = agent.descriptors();
    let document = Client::open(&agent.socket()).unwrap().capabilities().unwrap();
    for round in 0..3 {
        let mut clients: Vec<Client> =
            (0..CLIENTS).map(|_| Client::open(&agent.socket_ro()).unwrap()).collect();
        for client in &mut clients {
            client.call(7, &[]).unwrap();
        }
        for (number, client) in clients.iter_mut().enumerate() {
            let text = client.reply().unwrap();
            let text = &text[4..4 + document.len()];
            assert_eq!(text, document.as_bytes(), "client {number} of round {round}");
        }
        println!("round {round}: {} KiB", agent.resident_kib());
    }
    let begin = Instant::now();
    while agent.descriptors() > before + 8 {
        assert!(begin.elapsed() < Duration::from_secs(30), "{} descriptors", agent.descriptors());
        thread::sleep(Duration::from_millis(5));
    }
    assert!(agent.resident_kib() <= 4096, "{} KiB", agent.resident_kib());
}

/// Calls that a slow reader has outstanding: more than the kernel takes for it.
const OUTSTANDING: usize = 200;

#[test]
fn slow_readers_are_served_and_block_nobody() {
    let agent = Agent::start();
    let document = Client::open(&agent.socket()).unwrap().capabilities().unwrap();
    let mut slow: Vec<Client> =
        (0..64).map(|_| Client::open(&agent.socket_ro()).unwrap()).collect();
    for client in &mut slow {
        for _ in 0..OUTSTANDING {
            client.call(7, &[]).unwrap();
        }
    }
    // All of them are stuck now; others are not.
    let mut brisk = Client::open(&agent.socket()).unwrap();
    for _ in 0..200 {
        assert_eq!(brisk.capabilities().unwrap(), document);
    }
    let resident = agent.resident_kib();
    println!("{resident} KiB with 64 slow readers");
    assert!(resident <= 4096, "{resident} KiB");
    for client in &mut slow {
        for _ in 0..OUTSTANDING {
            let text = client.reply().unwrap();
            assert_eq!(&text[4..4 + document.len()], document.as_bytes());
        }
    }
}

#[test]
fn the_silent_and_the_half_spoken_block_nobody() {
    let agent = Agent::start();
    let mut strangers: Vec<UnixStream> =
        (0..200).map(|_| UnixStream::connect(agent.socket()).unwrap()).collect();
    for (number, stranger) in strangers.iter_mut().enumerate() {
        stranger.write_all(&[0, 0, 0, 28, 0x20, 0][..number % 7]).unwrap();
    }
    assert!(Client::open(&agent.socket()).unwrap().capabilities().is_ok());
}

#[test]
fn it_comes_back_after_being_killed_under_load() {
    let mut agent = Agent::start();
    let socket = agent.socket();
    let document = Client::open(&socket).unwrap().capabilities().unwrap();
    let expected = without_uuid(&document);
    for signal in ["KILL", "TERM", "KILL"] {
        let load: Vec<_> = (0..8)
            .map(|_| {
                let socket = socket.clone();
                thread::spawn(move || whole_documents(&socket))
            })
            .collect();
        thread::sleep(Duration::from_millis(50));
        agent.end(signal);
        for thread in load {
            let documents = thread.join().unwrap();
            assert!(documents.iter().all(|document| without_uuid(document) == expected));
        }
        agent.restart();
        assert_eq!(without_uuid(&Client::open(&socket).unwrap().capabilities().unwrap()), expected);
    }
}

/// Documents until the connection ends: what came was whole.
fn whole_documents(socket: &std::path::Path) -> Vec<String> {
    let mut documents = Vec::new();
    if let Ok(mut client) = Client::open(socket) {
        while let Ok(document) = client.capabilities() {
            documents.push(document);
        }
    }
    documents
}

fn without_uuid(document: &str) -> String {
    document.split_inclusive('\n').filter(|line| !line.starts_with("    <uuid>")).collect()
}

#[test]
fn a_client_that_goes_amid_its_document_takes_nothing_along() {
    let agent = Agent::start();
    for _ in 0..50 {
        let mut client = Client::open(&agent.socket()).unwrap();
        for _ in 0..OUTSTANDING {
            client.call(7, &[]).unwrap();
        }
        let _ = client.stream().read(&mut [0; 100]);
    }
    let mut client = Client::open(&agent.socket()).unwrap();
    assert!(client.capabilities().unwrap().ends_with("</capabilities>\n"));
}
