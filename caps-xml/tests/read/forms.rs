//! Texts and values: what is decoded, and how it is got out.

use caps_xml::read::{Event, Needed, ReadError, Reader, Text};

use crate::seen::{Seen, events};

/// Hands the value of an attribute that is written so to `check`.
fn with_value<T>(written: &str, check: impl Fn(Text<'_>) -> T) -> T {
    let input = format!("<a b=\"{written}\"/>");
    let start = Reader::new(input.as_bytes()).and_then(|mut reader| reader.find_first("a"));
    check(start.ok().flatten().and_then(|start| start.attribute("b")).expect("a good document"))
}

/// The texts of an element whose content is written so.
fn content(written: &str) -> Vec<String> {
    let input = format!("<a>{written}</a>");
    texts(&input, |text| text.to_string()).expect("a good document")
}

fn texts<T>(input: &str, look: impl Fn(Text<'_>) -> T) -> Result<Vec<T>, ReadError> {
    let mut reader = Reader::new(input.as_bytes())?;
    let mut seen = Vec::new();
    while let Some(event) = reader.next_event()? {
        if let Event::Text(text) = event {
            seen.push(look(text));
        }
    }
    Ok(seen)
}

#[test]
fn references_are_decoded() {
    assert_eq!(content("&lt;&gt;&amp;&quot;&apos;"), ["<>&\"'"]);
    assert_eq!(content("&#65;&#x42;&#x20AC;"), ["AB\u{20ac}"]);
    assert_eq!(content("&amp;lt;&#38;lt;"), ["&lt;&lt;"]);
    assert_eq!(content("x&#13;&#10;&#9;y"), ["x\r\n\ty"]);
    assert!(with_value("&quot;&#10;&#13;&#9;", |value| value == "\"\n\r\t"));
}

#[test]
fn line_ends_are_line_feeds() {
    assert_eq!(content("a\r\nb\rc\nd\r\r\n\te"), ["a\nb\nc\nd\n\n\te"]);
    assert_eq!(content("<![CDATA[a\r\nb\r]]>"), ["a\nb\n"]);
    assert!(with_value("a\r\nb\rc\nd\te", |value| value == "a b c d e"));
}

#[test]
fn cdata_is_text_as_written() {
    assert_eq!(content("<![CDATA[&lt;<b>]]]]>"), ["&lt;<b>]]"]);
    assert_eq!(content("x<![CDATA[]]>y"), ["x", "", "y"]);
    assert_eq!(content("x<!--c-->y<?p?>z"), ["x", "y", "z"]);
}

#[test]
fn empty_elements_have_both_events() {
    let expected = [
        Seen::Start("a".into(), vec![]),
        Seen::Start("b".into(), vec![]),
        Seen::End("b".into()),
        Seen::End("a".into()),
    ];
    assert_eq!(events(b"<a><b/></a>").unwrap(), expected);
    assert_eq!(events(b"<a><b></b></a>").unwrap(), expected);
    let mut reader = Reader::new(b"<a><b/></a>").unwrap();
    assert!(!reader.find_first("a").unwrap().unwrap().empty);
    assert!(reader.find_first("b").unwrap().unwrap().empty);
}

#[test]
fn plain_and_raw() {
    with_value("kvm64", |value| assert_eq!((value.plain(), value.raw()), (Some("kvm64"), "kvm64")));
    with_value("", |value| assert_eq!((value.plain(), value.raw()), (Some(""), "")));
    for coded in ["a&lt;", "a\tb", "a\nb", "a\rb"] {
        with_value(coded, |value| assert_eq!((value.plain(), value.raw()), (None, coded)));
    }
}

#[test]
fn plain_content_and_sections() {
    let plain = |written: &str| texts(&format!("<a>{written}</a>"), |text| text.plain().is_some());
    let section = |written: &str| plain(&format!("<![CDATA[{written}]]>"));
    assert_eq!((plain("a\t\nb"), section("&lt;\t\n")), (Ok(vec![true]), Ok(vec![true])));
    assert_eq!(
        (plain("a&lt;"), plain("a\rb"), section("a\rb")),
        (Ok(vec![false]), Ok(vec![false]), Ok(vec![false]))
    );
}

#[test]
fn blank_text() {
    let blank = texts("<a> \r\n\t<b/>x<b/>&#32;</a>", |text| text.is_blank());
    assert_eq!(blank, Ok(vec![true, false, false]));
}

#[test]
fn copies_tell_what_they_need() {
    with_value("x&#x20AC;&amp;", |value| {
        let mut buffer = [0; 5];
        assert_eq!(value.copy_to(&mut buffer), Ok("x\u{20ac}&"));
        for size in 0..5 {
            assert_eq!(value.copy_to(&mut buffer[..size]), Err(Needed { bytes: 5 }));
        }
    });
    with_value("", |value| assert_eq!(value.copy_to(&mut []), Ok("")));
    assert_eq!(Needed { bytes: 5 }.to_string(), "the text needs a buffer of 5 bytes");
}

#[test]
fn comparisons_decode() {
    with_value("a&#98;c", |value| {
        assert!(
            value.eq("abc")
                && value == "abc"
                && value != "ab"
                && value != "abcd"
                && value != "a&#98;c"
        );
        with_value("&#97;bc", |other| assert!(value == other));
        with_value("&#97;b", |other| assert!(value != other));
    });
}
