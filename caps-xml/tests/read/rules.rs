//! Each rule that a document is held to, by what it refuses and where, and by its nearest good neighbour.

use caps_xml::read::{Kind, MAX_ATTRIBUTES, MAX_DEPTH, Position, ReadError, Reader};

use crate::seen::events;

#[track_caller]
fn refused(kind: Kind, cases: &[(&str, usize)]) {
    for &(input, at) in cases {
        assert_eq!(events(input.as_bytes()), Err(ReadError { at, kind }), "{input:?}");
    }
}

#[track_caller]
fn accepted(cases: &[&str]) {
    for input in cases {
        assert!(events(input.as_bytes()).is_ok(), "{input:?}: {:?}", events(input.as_bytes()));
    }
}

#[test]
fn one_root() {
    accepted(&[
        "<a/>",
        "<a></a>",
        " \t\r\n<a/>\n",
        "<!--x--><a/><!--y-->",
        "<?p x?><a/><?q?>",
        "\u{feff}<a/>",
    ]);
    refused(Kind::NoRoot, &[("", 0), (" \n", 2), ("<!--x-->", 8), ("<?p?>", 5), ("\u{feff}", 3)]);
    refused(Kind::SecondRoot, &[("<a/><b/>", 4), ("<a></a>\n<a></a>", 8)]);
}

#[test]
fn no_text_outside_of_the_root() {
    refused(
        Kind::TextOutsideRoot,
        &[("x<a/>", 0), ("<a/>x", 4), ("<a/> &#32;", 4), ("<a/><![CDATA[]]>", 4)],
    );
    refused(
        Kind::TextOutsideRoot,
        &[(" \u{feff}<a/>", 0), ("\u{feff}\u{feff}<a/>", 3), ("<a/>\u{a0}", 4)],
    );
}

#[test]
fn end_tags_match() {
    accepted(&["<a><b></b></a>", "<a ></a\n>", "<p:a></p:a>"]);
    refused(
        Kind::MismatchedEnd,
        &[("<a></b>", 3), ("<a><b></a></b>", 6), ("<a></A>", 3), ("<p:a></a>", 5)],
    );
    refused(Kind::StrayEnd, &[("</a>", 0), ("<a/></a>", 4)]);
    refused(Kind::TagEnd, &[("<a></a x='1'>", 7), ("<a></a/>", 6)]);
}

#[test]
fn nothing_is_left_open() {
    let cases = [
        "<a>", "<a><b/>", "<a", "<a ", "<a b", "<a b=", "<a b='", "<a b='x", "<a b='x'", "<a/",
        "<", "</", "<a></a",
    ];
    let more = [
        "<a><!-- x",
        "<a><!-- -",
        "<a><!-- --",
        "<a><![CDATA[x]]",
        "<a><?p",
        "<a><?p x",
        "<a><?p x?",
        "<?xml version='1.0'",
    ];
    for input in cases.iter().chain(&more) {
        let end = ReadError { at: input.len(), kind: Kind::UnexpectedEnd };
        assert_eq!(events(input.as_bytes()), Err(end), "{input:?}");
    }
}

#[test]
fn names() {
    accepted(&["<a-b.c_9/>", "<_/>", "<\u{e9}t\u{e9}/>", "<p:a q:b='1'/>", "<a\u{b7}/>"]);
    refused(
        Kind::Name,
        &[
            ("< a/>", 1),
            ("<1/>", 1),
            ("<-a/>", 1),
            ("<:a/>", 1),
            ("<a:/>", 3),
            ("<\u{d7}/>", 1),
            ("<>", 1),
        ],
    );
    refused(
        Kind::Name,
        &[("<a></>", 5), ("<a ='1'/>", 3), ("<a><?1?></a>", 5), ("<a><?p:?></a>", 7)],
    );
    refused(Kind::Space, &[("<a:b:c/>", 4), ("<a\u{d7}/>", 2)]);
}

#[test]
fn start_tags() {
    accepted(&[
        "<a b='1'/>",
        "<a  b = \"1\"\n c='' ></a>",
        "<a b='\"'/>",
        "<a b=\"'\"/>",
        "<a b='>'/>",
    ]);
    refused(Kind::Space, &[("<a b='1'c='2'/>", 8), ("<a'x'/>", 2)]);
    refused(Kind::Equals, &[("<a b/>", 4), ("<a b c='1'/>", 5)]);
    refused(Kind::Quote, &[("<a b=1/>", 5), ("<a b=>", 5)]);
    refused(Kind::TagEnd, &[("<a / >", 4), ("<a ?>", 3), ("<a/b>", 3)]);
    refused(Kind::LessThan, &[("<a b='x<y'/>", 7), ("<a b='<'/>", 6)]);
}

#[test]
fn attributes_differ() {
    accepted(&["<a b='1' B='1'/>", "<a b='1' p:b='1'/>", "<a b='1'><c b='1'/></a>"]);
    refused(
        Kind::DuplicateAttribute,
        &[("<a b='1' c='2' b='1'/>", 15), ("<a p:b='1' p:b=''/>", 11)],
    );
}

#[test]
fn references() {
    accepted(&[
        "<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x41;&#x00041;&#9;&#x10FFFF;</a>",
        "<a b='&lt;&#10;'/>",
    ]);
    refused(
        Kind::UnknownEntity,
        &[("<a>&nbsp;</a>", 3), ("<a b='x&y;'/>", 7), ("<a>&LT;</a>", 3), ("<a>&lt;&ltt;</a>", 7)],
    );
    refused(
        Kind::Ampersand,
        &[
            ("<a>&</a>", 3),
            ("<a>x & y;</a>", 5),
            ("<a>&;</a>", 3),
            ("<a>&lt</a>;", 3),
            ("<a b='&lt' c=';'/>", 6),
        ],
    );
    let zero = [
        "&#0;",
        "&#8;",
        "&#x1F;",
        "&#xD800;",
        "&#xFFFE;",
        "&#65535;",
        "&#x110000;",
        "&#99999999999999999999;",
    ];
    let syntax =
        ["&#;", "&#x;", "&#X41;", "&#4f;", "&#xg;", "&#+65;", "&#-65;", "&# 65;", "&#x 41;"];
    for reference in zero.iter().chain(&syntax) {
        refused(Kind::CharacterReference, &[(&format!("<a>{reference}</a>"), 3)]);
        refused(Kind::CharacterReference, &[(&format!("<a b='x{reference}'/>"), 7)]);
    }
}

#[test]
fn text() {
    accepted(&[
        "<a>x > y ]] > ]></a>",
        "<a b=']]>'/>",
        "<a><![CDATA[<&]] >]]></a>",
        "<a><![CDATA[]]></a>",
    ]);
    refused(
        Kind::CdataEnd,
        &[("<a>x]]></a>", 4), ("<a>]]]></a>", 4), ("<a><![CDATA[]]>]]></a>", 15)],
    );
    refused(
        Kind::Markup,
        &[
            ("<!x><a/>", 0),
            ("<a><!ELEMENT b></a>", 3),
            ("<a><![cdata[]]></a>", 3),
            ("<a><!- x --></a>", 3),
        ],
    );
}

#[test]
fn comments_and_instructions() {
    accepted(&[
        "<a><!----><!-- - --></a>",
        "<a><!-- <&]]> --></a>",
        "<a><?p?><?p ?><?p a ? > <& ?></a>",
        "<?xml-p x?><a/>",
    ]);
    refused(Kind::DoubleHyphen, &[("<a><!-- -- --></a>", 8), ("<a><!-- x---></a>", 9)]);
    refused(Kind::Space, &[("<a><?p/x?></a>", 6), ("<a><?p:q:r?></a>", 8)]);
    refused(
        Kind::Declaration,
        &[("<a><?xml version='1.0'?></a>", 5), ("<a/><?XML x?>", 6), ("<?xml?><a/>", 2)],
    );
    refused(Kind::Declaration, &[(" <?xml version='1.0'?><a/>", 3)]);
}

#[test]
fn declaration() {
    accepted(&[
        "<?xml version='1.0'?><a/>",
        "\u{feff}<?xml version=\"1.1\" encoding='utf-8' standalone='no' ?>\n<a/>",
    ]);
    accepted(&[
        "<?xml\tversion = '1.0' standalone='yes'?><a/>",
        "<?xml version='1.0' encoding='US-ASCII'?><a/>",
    ]);
    refused(
        Kind::Encoding,
        &[
            ("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", 0),
            ("<?xml version='1.0' encoding=''?><a/>", 0),
        ],
    );
    let malformed = [
        "",
        "encoding='UTF-8'",
        "version='2.0'",
        "version='1.'",
        "version='1.x'",
        "version='1.0' standalone='maybe'",
    ];
    for inner in malformed {
        refused(Kind::Declaration, &[(&format!("<?xml {inner}?><a/>"), 0)]);
    }
    refused(
        Kind::Declaration,
        &[("<?xml version='1.0' standalone='no' encoding='UTF-8'?><a/>", 52)],
    );
    refused(
        Kind::Declaration,
        &[("<?xml version='1.0'><a/>", 19), ("<?xml version='1.0' version='1.0'?><a/>", 33)],
    );
}

#[test]
fn no_document_type() {
    refused(
        Kind::Doctype,
        &[
            ("<!DOCTYPE a><a/>", 0),
            ("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", 22),
        ],
    );
    refused(Kind::Doctype, &[("<a><!DOCTYPE a></a>", 3)]);
}

#[test]
fn characters() {
    accepted(&["<a>\t\r\n \u{7f}\u{85}\u{d7ff}\u{e000}\u{fffd}\u{10ffff}</a>"]);
    for c in ['\0', '\u{1}', '\u{8}', '\u{b}', '\u{c}', '\u{e}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
        for (before, behind) in [
            ("<a>", "</a>"),
            ("<a b='", "'/>"),
            ("<a/><!--", "-->"),
            ("<a><![CDATA[", "]]></a>"),
            ("", "<a/>"),
        ] {
            refused(Kind::Character, &[(&format!("{before}{c}{behind}"), before.len())]);
        }
    }
}

#[test]
fn utf8() {
    let bad: [&[u8]; 6] =
        [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\xe9"];
    for bytes in bad {
        let input = [b"<a>", bytes, b"</a>"].concat();
        assert_eq!(events(&input), Err(ReadError { at: 3, kind: Kind::Utf8 }), "{bytes:?}");
    }
    assert_eq!(events(b"\xff\xfe<\0a\0/\0>\0"), Err(ReadError { at: 0, kind: Kind::Utf8 }));
}

#[test]
fn depth() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    accepted(&[&nested(MAX_DEPTH)]);
    refused(Kind::TooDeep, &[(&nested(MAX_DEPTH + 1), 3 * MAX_DEPTH)]);
    let leaf = |depth: usize| format!("{}<b/><b/>{}", "<a>".repeat(depth), "</a>".repeat(depth));
    accepted(&[&leaf(MAX_DEPTH - 1)]);
    refused(Kind::TooDeep, &[(&leaf(MAX_DEPTH), 3 * MAX_DEPTH)]);
}

#[test]
fn attribute_count() {
    let tag = |count: usize| {
        format!("<a{}/>", (100..100 + count).map(|i| format!(" a{i}='{i}'")).collect::<String>())
    };
    accepted(&[&tag(MAX_ATTRIBUTES)]);
    refused(Kind::TooManyAttributes, &[(&tag(MAX_ATTRIBUTES + 1), 2 + 11 * MAX_ATTRIBUTES + 1)]);
}

#[test]
fn length() {
    assert!(Reader::with_limit(b"<a/>", 4).is_ok());
    let error = Reader::with_limit(b"<a/>\n", 4).unwrap_err();
    assert_eq!(error, ReadError { at: 4, kind: Kind::TooLong { needed: 5, limit: 4 } });
    assert_eq!(error.to_string(), "byte 4: the document is too long (5 bytes, at most 4)");
}

#[test]
fn positions() {
    let at = |input: &str| {
        let error = events(input.as_bytes()).unwrap_err();
        (error.position(input.as_bytes()), error.kind)
    };
    assert_eq!(at("&"), (Position { line: 1, column: 1 }, Kind::Ampersand));
    assert_eq!(at("<a>\n\n &x;</a>"), (Position { line: 3, column: 2 }, Kind::UnknownEntity));
    assert_eq!(
        at("<a>\u{e9}\u{20ac}&x;</a>"),
        (Position { line: 1, column: 6 }, Kind::UnknownEntity)
    );
    assert_eq!(at("<a>\n"), (Position { line: 2, column: 1 }, Kind::UnexpectedEnd));
    assert_eq!(
        ReadError { at: 9, kind: Kind::NoRoot }.position(b"ab"),
        Position { line: 1, column: 3 }
    );
    assert_eq!(Position { line: 3, column: 2 }.to_string(), "line 3, column 2");
}

#[test]
fn an_error_stays() {
    let mut reader = Reader::new(b"<a>&x;<b/></a>").unwrap();
    assert!(reader.next_event().is_ok());
    let error = reader.next_event().unwrap_err();
    assert_eq!(reader.next_event().unwrap_err(), error);
    assert_eq!(reader.skip_element(), Err(error));
    assert_eq!(reader.finish(), Err(error));
}
