//! A driver attaches private data and a namespace to a document, writes it, and reads it back.

use caps_core::hooks::{Namespace, PrivateData};
use caps_core::{Builder, Sink};
use caps_xml::read::{Event, ReadError, Reader};
use caps_xml::{HookError, read_hooks, write, write_with};

/// State of a monitor: the seed kept this kind of thing in its status files.
#[derive(Debug, Default, PartialEq, Eq)]
struct Monitor {
    path: String,
}

/// `<qemu:arg value=''/>`, one an argument.
#[derive(Debug, Default, PartialEq, Eq)]
struct CommandLine {
    arguments: Vec<String>,
}

impl PrivateData for Monitor {
    type Error = ReadError;

    fn is_empty(&self) -> bool {
        self.path.is_empty()
    }

    fn format<S: Sink>(&self, sink: &mut S) -> Result<(), S::Error> {
        sink.write(format!("    <monitor path='{}'/>\n", self.path).as_bytes())
    }

    fn parse(&mut self, element: &str) -> Result<(), ReadError> {
        let start = Reader::new(element.as_bytes())?.find_first("monitor")?;
        self.path = start
            .and_then(|start| start.attribute("path"))
            .map(|path| path.to_string())
            .unwrap_or_default();
        Ok(())
    }
}

impl Namespace for CommandLine {
    const PREFIX: &'static str = "qemu";
    const HREF: &'static str = "http://libvirt.org/schemas/domain/qemu/1.0";

    type Error = ReadError;

    fn is_empty(&self) -> bool {
        self.arguments.is_empty()
    }

    fn format<S: Sink>(&self, sink: &mut S) -> Result<(), S::Error> {
        self.arguments.iter().try_for_each(|argument| {
            sink.write(format!("  <qemu:arg value='{argument}'/>\n").as_bytes())
        })
    }

    fn parse(&mut self, element: &str) -> Result<(), ReadError> {
        let mut reader = Reader::new(element.as_bytes())?;
        if let Some(Event::Start(start)) = reader.next_event()? {
            self.arguments.extend(start.attribute("value").map(|value| value.to_string()));
        }
        Ok(())
    }
}

fn document(private: &Monitor, namespace: &CommandLine) -> String {
    let caps = Builder::new(&mut []).finish().unwrap();
    let mut text = Text::default();
    write_with(&caps, private, namespace, &mut text).unwrap();
    String::from_utf8(text.0).unwrap()
}

#[derive(Default)]
struct Text(Vec<u8>);

impl Sink for Text {
    type Error = core::convert::Infallible;

    fn write(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

#[test]
fn what_is_attached_reads_back() {
    let private = Monitor { path: "/run/monitor.sock".into() };
    let namespace = CommandLine { arguments: vec!["-s".into(), "-S".into()] };
    let text = document(&private, &namespace);
    assert!(
        text.starts_with(
            "<capabilities xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n\n"
        )
    );
    assert!(text.ends_with("  <qemu:arg value='-S'/>\n</capabilities>\n"));
    let (mut private_back, mut namespace_back) = (Monitor::default(), CommandLine::default());
    read_hooks(text.as_bytes(), &mut private_back, &mut namespace_back).unwrap();
    assert_eq!((private_back, namespace_back), (private, namespace));
}

#[test]
fn nothing_attached_is_the_plain_document() {
    let caps = Builder::new(&mut []).finish().unwrap();
    let mut plain = Text::default();
    write(&caps, &mut plain).unwrap();
    assert_eq!(plain.0, document(&Monitor::default(), &CommandLine::default()).into_bytes());
}

#[test]
fn the_prefix_is_whatever_the_root_declares() {
    let text = "<capabilities xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>\
                <qemu:arg value='no'/><q:arg value='yes'/></capabilities>";
    let mut namespace = CommandLine::default();
    read_hooks(text.as_bytes(), &mut (), &mut namespace).unwrap();
    assert_eq!(namespace.arguments, ["yes"]);
}

#[test]
fn a_broken_document_is_an_error() {
    let mut private = Monitor::default();
    let read = read_hooks(b"<capabilities><privateData>", &mut private, &mut ());
    assert!(matches!(read, Err(HookError::Document(_))));
}
